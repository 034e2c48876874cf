CREATE TABLE shelves (id integer PRIMARY KEY);
ALTER TABLE crates ADD COLUMN label text;
