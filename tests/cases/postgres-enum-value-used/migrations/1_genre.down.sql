DROP TABLE books;
DROP TYPE genre;
