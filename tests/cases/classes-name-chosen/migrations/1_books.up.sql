CREATE TABLE books (id integer PRIMARY KEY, isbn text CONSTRAINT one_isbn UNIQUE);
