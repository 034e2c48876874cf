DELETE FROM books WHERE genre = 'poem';
