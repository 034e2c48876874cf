CREATE UNIQUE INDEX one_title ON books (title);
