CREATE TABLE keys (id integer PRIMARY KEY, secret blob);
INSERT INTO keys (secret) VALUES (x'00ff');
