ALTER TABLE new.versions SET SCHEMA public;
