UPDATE books SET title = lower(title);
