-- migrate:up
CREATE TABLE cities (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE cities;

-- migrate:up
CREATE TABLE streets (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE streets;
