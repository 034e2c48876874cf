DROP TABLE books;
DROP ROLE shop_reader;
