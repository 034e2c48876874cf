ALTER TABLE "books" ADD COLUMN "year" INTEGER;
CREATE INDEX CONCURRENTLY "books_year" ON "books"("year");
