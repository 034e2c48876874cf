DROP TABLE authors;
DROP TABLE writers;
