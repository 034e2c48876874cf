DROP FUNCTION titles();
DROP TRIGGER trims ON books;
DROP FUNCTION touch();
DROP PROCEDURE empty_shelf();
DROP TABLE books;
