CREATE TABLE books (id integer PRIMARY KEY, title text); # done; here
CREATE PROCEDURE tidy()
BEGIN
  DELETE FROM books WHERE title IS NULL;
  DELETE FROM books WHERE title = 'a\';b';
END;
