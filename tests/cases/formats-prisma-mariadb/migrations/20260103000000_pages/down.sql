ALTER TABLE `books` DROP COLUMN `page`;
