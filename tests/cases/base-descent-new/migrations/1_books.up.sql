CREATE TABLE books (title text);
CREATE UNIQUE INDEX one_title ON books (title);
