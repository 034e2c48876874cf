-- migrate:up
CREATE TABLE people (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE persons;
