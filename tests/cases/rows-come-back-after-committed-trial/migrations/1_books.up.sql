CREATE TABLE books (title text, price integer);
INSERT INTO books (title, price) VALUES ('Emma', 5);
