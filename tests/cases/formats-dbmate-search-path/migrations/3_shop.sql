-- migrate:up
CREATE SCHEMA shop;
-- migrate:down transaction:false
SET search_path = shop;
DROP SCHEMA shop;
