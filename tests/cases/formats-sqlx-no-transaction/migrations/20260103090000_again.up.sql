CREATE INDEX CONCURRENTLY books_again ON books (title);
