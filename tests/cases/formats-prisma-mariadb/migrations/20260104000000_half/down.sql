ALTER TABLE `books` DROP COLUMN `shelf`;
