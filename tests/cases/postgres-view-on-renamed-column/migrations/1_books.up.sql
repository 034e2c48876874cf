CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE VIEW shelf AS SELECT title FROM books;
CREATE MATERIALIZED VIEW counted AS SELECT title, count(*) AS copies FROM books GROUP BY title;
CREATE UNIQUE INDEX counted_once ON counted (title);
