ALTER TYPE genre ADD VALUE 'poem';
INSERT INTO books (id, genre) VALUES (1, 'poem');
