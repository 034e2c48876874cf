CREATE TABLE my_versions (version integer PRIMARY KEY);
INSERT INTO my_versions SELECT count(*) FROM _sqlx_migrations;
