DROP TABLE books;
DROP TABLE writers;
