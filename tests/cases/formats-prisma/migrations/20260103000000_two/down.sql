ALTER TABLE "books" DROP COLUMN "year";
