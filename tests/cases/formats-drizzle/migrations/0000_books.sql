CREATE TABLE books (id integer PRIMARY KEY);
--> statement-breakpoint
CREATE TABLE shelves (id integer PRIMARY KEY);