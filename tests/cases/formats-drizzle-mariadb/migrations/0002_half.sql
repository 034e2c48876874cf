ALTER TABLE `books` ADD `year` int;
--> statement-breakpoint
ALTER TABLE `nowhere` ADD `year` int;