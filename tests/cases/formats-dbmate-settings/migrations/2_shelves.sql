-- migrate:up
CREATE TABLE shelves (id int PRIMARY KEY);
-- migrate:down
SET foreign_key_checks = 0;
DROP TABLE shelves;
