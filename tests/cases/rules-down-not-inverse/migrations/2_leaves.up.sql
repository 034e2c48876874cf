CREATE TABLE authors (id integer PRIMARY KEY);
CREATE INDEX books_by_year ON books (year);
