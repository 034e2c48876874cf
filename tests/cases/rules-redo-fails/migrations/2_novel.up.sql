INSERT INTO genres (name) VALUES ('novel');
