BEGIN;
CREATE TABLE shelves (id integer PRIMARY KEY);
COMMIT;
CREATE TABLE shelves (id integer PRIMARY KEY);
