CREATE TABLE authors (id integer PRIMARY KEY, name text NOT NULL);
ALTER TABLE books ADD COLUMN author integer REFERENCES authors (id);
