CREATE TABLE shelves (id integer PRIMARY KEY);
ALTER TABLE books ADD COLUMN shelf integer REFERENCES shelves;
