INSERT INTO genres (name) VALUES ('poem');
