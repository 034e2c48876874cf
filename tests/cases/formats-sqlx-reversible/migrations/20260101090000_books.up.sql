CREATE TABLE books (id integer PRIMARY KEY, title text NOT NULL);
CREATE INDEX books_by_title ON books (title);
