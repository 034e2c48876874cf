DELETE FROM authors;
