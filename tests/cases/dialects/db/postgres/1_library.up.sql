CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE shelves (id serial PRIMARY KEY, room varchar(40) NOT NULL UNIQUE);
CREATE TABLE books (
    id bigserial PRIMARY KEY,
    title varchar(200) NOT NULL,
    lent boolean NOT NULL DEFAULT false,
    due timestamptz,
    feeling mood,
    shelf integer REFERENCES shelves ON DELETE CASCADE
);
CREATE INDEX books_title ON books (title DESC);
CREATE INDEX books_lower ON books (lower(title));
