DROP TABLE shelves;
DROP INDEX books_by_title;
