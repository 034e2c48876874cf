ALTER TABLE my_versions ADD COLUMN done integer;
ALTER TABLE _sqlx_migrations ADD COLUMN note text;
CREATE TABLE other_versions (version integer);
