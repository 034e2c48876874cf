INSERT INTO books (id, author) VALUES (1, 99);
