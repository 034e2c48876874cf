CREATE TABLE lines (id integer);
