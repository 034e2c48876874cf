CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE INDEX CONCURRENTLY books_title ON books (title);
