DROP TABLE b; CREATE TABLE b (id integer DEFAULT nextval('numbers'), n text); COMMENT ON TABLE b IS 'again';
DROP VIEW both_of_them; CREATE VIEW both_of_them AS SELECT second.x, y, z FROM second JOIN first USING (x);
DROP TYPE pair CASCADE; CREATE TYPE pair AS (left_one integer, right_one text); ALTER TABLE pairs ADD p pair; ALTER TABLE pairs ADD CHECK ((p).left_one > 0);
