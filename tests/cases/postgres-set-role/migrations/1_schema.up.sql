CREATE SCHEMA library AUTHORIZATION keeper;
SET ROLE keeper;
CREATE TABLE library.books (id integer PRIMARY KEY);
