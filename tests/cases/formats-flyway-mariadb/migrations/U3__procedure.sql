DROP PROCEDURE add_books;
