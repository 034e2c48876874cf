CREATE TABLE books (id integer PRIMARY KEY);
CREATE TABLE authors (id integer PRIMARY KEY);
