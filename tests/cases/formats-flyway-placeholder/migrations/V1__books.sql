CREATE TABLE books (id integer PRIMARY KEY, title text);
INSERT INTO books VALUES (1, '${title}');
