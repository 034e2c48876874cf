INSERT INTO books (id, genre) VALUES (1, 'poem');
