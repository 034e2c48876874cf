CREATE TABLE books (id integer PRIMARY KEY);
CREATE TABLE shelves (id integer PRIMARY KEY);
