CREATE TABLE `books` (`id` int NOT NULL, CONSTRAINT `books_id` PRIMARY KEY(`id`));
--> statement-breakpoint
CREATE TABLE `shelves` (`id` int NOT NULL PRIMARY KEY);