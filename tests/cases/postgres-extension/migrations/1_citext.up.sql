CREATE EXTENSION citext;
CREATE TABLE books (id integer PRIMARY KEY, title citext UNIQUE);
