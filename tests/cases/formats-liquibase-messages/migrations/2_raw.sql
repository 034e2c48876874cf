-- no header; all of it
CREATE TABLE nine (id int);
