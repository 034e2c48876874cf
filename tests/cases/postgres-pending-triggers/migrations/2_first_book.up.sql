ALTER TABLE books ADD COLUMN title text;
INSERT INTO books (id, author, title) VALUES (1, 1, 'Emma');
