CREATE TABLE checked (price integer CHECK (price = 10));
INSERT INTO checked SELECT price FROM books;
