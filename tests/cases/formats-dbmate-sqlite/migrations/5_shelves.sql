-- migrate:up
CREATE TABLE shelves (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE shelf;
