ALTER TABLE books SET (fillfactor = 90);
