ALTER TABLE `books` ADD `title` varchar(80);
ALTER TABLE `books` ADD `pages` int;