DROP TABLE books;
DROP TABLE genres;
