UPDATE books SET price = price * 2;
