CREATE TABLE "books" ("id" INTEGER PRIMARY KEY);
CREATE TABLE "pages" ("book" INTEGER REFERENCES "books"("id"));
