CREATE TABLE genres (name text PRIMARY KEY);
CREATE TABLE books (title text, genre text NOT NULL REFERENCES genres (name));
INSERT INTO genres (name) VALUES ('novel');
