CREATE TABLE books (id serial);
