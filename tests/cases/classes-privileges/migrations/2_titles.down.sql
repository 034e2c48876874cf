DROP VIEW shelf;
CREATE VIEW shelf AS SELECT id FROM books;
ALTER VIEW shelf OWNER TO keeper;
