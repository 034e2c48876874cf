DROP TABLE shop.books;
