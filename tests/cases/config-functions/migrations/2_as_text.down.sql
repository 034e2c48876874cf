CREATE TABLE old_keys (id integer PRIMARY KEY, secret blob);
INSERT INTO old_keys (id, secret) SELECT id, secret FROM keys;
DROP TABLE keys;
ALTER TABLE old_keys RENAME TO keys;
