CREATE TABLE books (id integer PRIMARY KEY) WITH (fillfactor = 80);
