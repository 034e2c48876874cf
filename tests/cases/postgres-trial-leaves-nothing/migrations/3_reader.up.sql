INSERT INTO roles (name) VALUES ('reader');
