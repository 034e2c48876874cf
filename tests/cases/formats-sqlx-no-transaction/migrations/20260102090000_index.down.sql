-- no-transaction
DROP INDEX CONCURRENTLY books_by_title;
