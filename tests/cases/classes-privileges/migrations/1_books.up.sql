CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE VIEW shelf AS SELECT id FROM books;
GRANT SELECT ON shelf TO reader;
ALTER VIEW shelf OWNER TO keeper;
