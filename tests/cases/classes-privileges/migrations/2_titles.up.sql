DROP VIEW shelf;
CREATE VIEW shelf AS SELECT id, title FROM books;
ALTER VIEW shelf OWNER TO keeper;
GRANT SELECT ON shelf TO reader;
