DROP INDEX books_by_title;
DROP TABLE books;
