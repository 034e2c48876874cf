CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE TABLE authors (id integer PRIMARY KEY);
