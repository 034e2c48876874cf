CREATE TABLE "books" ("id" integer PRIMARY KEY);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY "books_id" ON "books" ("id");
