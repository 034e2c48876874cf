ALTER TABLE books ADD COLUMN pages integer;
--> statement-breakpoint
ALTER TABLE nowhere ADD COLUMN pages integer;