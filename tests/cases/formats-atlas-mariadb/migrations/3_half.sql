CREATE TABLE rooms (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);
