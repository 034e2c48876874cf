DROP INDEX `books_year_idx` ON `books`;
