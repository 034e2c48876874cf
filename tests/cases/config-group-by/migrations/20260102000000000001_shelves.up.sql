-- the second piece

CREATE TABLE rooms (id integer PRIMARY KEY);
