ALTER TABLE base ADD COLUMN w int;
CREATE INDEX w ON base (w);
DROP TABLE nowhere;
