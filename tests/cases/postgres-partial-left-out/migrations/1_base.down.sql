DROP VIEW v; DROP TABLE shown, hidden, old.versions; DROP SCHEMA old;
