CREATE INDEX by_title ON books (title);
