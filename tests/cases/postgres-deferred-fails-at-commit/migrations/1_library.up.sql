CREATE TABLE authors (id integer PRIMARY KEY);
CREATE TABLE books (
    id integer PRIMARY KEY,
    author integer REFERENCES authors (id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO authors VALUES (1);
INSERT INTO books VALUES (1, 1);
