CREATE TABLE `shelves` (`id` int);
--> statement-breakpoint
