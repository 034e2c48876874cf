-- migrate:up
CREATE SCHEMA library;
SET search_path = library;
CREATE TABLE books (id int);
-- migrate:down
DROP SCHEMA library CASCADE;
