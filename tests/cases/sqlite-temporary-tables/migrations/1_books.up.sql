CREATE TEMPORARY TABLE incoming (title text);
INSERT INTO incoming VALUES ('Emma'), ('Persuasion');
CREATE TABLE books AS SELECT title FROM incoming;
