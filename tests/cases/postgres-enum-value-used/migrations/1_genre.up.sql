CREATE TYPE genre AS ENUM ('novel');
CREATE TABLE books (id integer PRIMARY KEY, genre genre);
