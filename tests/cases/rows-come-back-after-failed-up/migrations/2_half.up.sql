INSERT INTO genres (name) VALUES ('poem');
INSERT INTO genres (name) VALUES ('poem');
