DROP INDEX books_again;
