CREATE TABLE titles (id integer PRIMARY KEY, title text);
