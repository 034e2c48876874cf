DROP TABLE library.shelves;
