CREATE TABLE books (id int, title text);
CREATE ROLE reader;
GRANT SELECT ON books TO reader;
GRANT SELECT (id) ON books TO reader;
