-- written by hand
--> statement-breakpoint
CREATE TABLE `books` (`id` int);
--> statement-breakpoint
/* nothing more */
