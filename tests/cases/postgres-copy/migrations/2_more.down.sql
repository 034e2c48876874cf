DELETE FROM books WHERE id > 2;
