DROP ROLE reader;
DROP TABLE books;
