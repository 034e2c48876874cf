ALTER TABLE `books` ADD COLUMN `year` INTEGER NULL;
CREATE INDEX `books_year_idx` ON `books`(`year`);
