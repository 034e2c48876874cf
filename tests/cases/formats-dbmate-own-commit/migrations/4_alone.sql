-- migrate:up transaction:false
BEGIN;
CREATE TABLE loans (id int);
COMMIT;
-- migrate:down
DROP TABLE loans;
ROLLBACK;
