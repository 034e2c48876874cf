DROP TABLE shelves;
DROP TABLE "books\";
