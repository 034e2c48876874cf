DROP INDEX books_again;
DROP TABLE shelves;
