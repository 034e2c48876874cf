DELETE FROM books;
DROP TRIGGER books_title;
