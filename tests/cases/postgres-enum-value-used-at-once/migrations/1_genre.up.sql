CREATE TYPE genre AS ENUM ('novel', 'poem');
CREATE TABLE books (id integer PRIMARY KEY, genre genre DEFAULT 'novel');
