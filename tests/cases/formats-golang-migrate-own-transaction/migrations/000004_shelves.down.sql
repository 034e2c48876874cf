BEGIN;
DROP TABLE shelves;
CREATE TABLE crates (id integer);
COMMIT;
