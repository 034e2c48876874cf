DROP TABLE library.books;
DROP SCHEMA library;
