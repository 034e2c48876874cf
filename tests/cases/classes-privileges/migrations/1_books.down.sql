DROP VIEW shelf;
DROP TABLE books;
