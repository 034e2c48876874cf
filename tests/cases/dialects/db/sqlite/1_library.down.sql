DROP TABLE books; DROP TABLE shelves; DROP TABLE cache; DROP TABLE extra;
