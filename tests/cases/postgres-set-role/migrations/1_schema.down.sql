SET ROLE keeper;
DROP TABLE library.books;
RESET ROLE;
DROP SCHEMA library;
