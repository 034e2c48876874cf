CREATE TABLE books (id integer PRIMARY KEY, title text);
COMMENT ON TABLE books IS '${owner}';
