-- migrate:up
BEGIN;
CREATE TABLE shelves (id int);
COMMIT;
-- migrate:down
DROP TABLE shelves;
