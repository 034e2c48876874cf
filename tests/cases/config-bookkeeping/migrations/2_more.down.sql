ALTER TABLE my_versions DROP COLUMN done;
ALTER TABLE _sqlx_migrations DROP COLUMN note;
