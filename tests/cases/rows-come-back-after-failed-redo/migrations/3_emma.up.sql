INSERT INTO books (title, genre) VALUES ('Emma', 'novel');
