CREATE TABLE books (id integer PRIMARY KEY, title text, year integer, pages integer);
CREATE INDEX books_by_title ON books (title);
