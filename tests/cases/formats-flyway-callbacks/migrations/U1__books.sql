DROP VIEW library.titles;
DROP TABLE library.books;
