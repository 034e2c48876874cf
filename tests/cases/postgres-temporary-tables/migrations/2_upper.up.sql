CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT upper(title) AS title FROM books;
INSERT INTO books SELECT title FROM incoming;
