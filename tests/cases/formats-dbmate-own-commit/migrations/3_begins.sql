-- migrate:up
CREATE TABLE readers (id int);
COMMIT;
BEGIN;
-- migrate:down
DROP TABLE readers;
