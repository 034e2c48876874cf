DELETE FROM books WHERE title = 'Emma';
