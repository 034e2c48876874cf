CREATE TABLE books (id text PRIMARY KEY);
