DROP TABLE my_versions;
CREATE TABLE my_versions (version text);
ALTER TABLE my_versions ADD COLUMN at text;
DROP TABLE my_versions;
