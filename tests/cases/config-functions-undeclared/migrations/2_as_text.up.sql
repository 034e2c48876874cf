CREATE TABLE new_keys (id integer PRIMARY KEY, secret text, first text GENERATED ALWAYS AS (PICK(id, secret, 1)));
INSERT INTO new_keys (id, secret) SELECT id, to_text(secret) FROM keys;
DROP TABLE keys;
ALTER TABLE new_keys RENAME TO keys;
