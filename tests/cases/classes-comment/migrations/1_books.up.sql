CREATE TABLE books (id integer PRIMARY KEY);
COMMENT ON TABLE books IS 'what the library owns';
