--liquibase formatted sql

--changeset ada:1
CREATE TABLE books (id integer PRIMARY KEY, title text);
--rollback DROP TABLE books;

--changeset ada:2
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);
--rollback DROP TABLE shelves;

--changeset ada:3 dbms:mysql
CREATE TABLE only_mysql (id integer PRIMARY KEY);
--rollback DROP TABLE only_mysql;

--changeset ada:4
ALTER TABLE books ADD COLUMN year integer;
--rollback ALTER TABLE books DROP COLUMN years;

--changeset ada:5
ALTER TABLE books ADD COLUMN isbn text, ADD COLUMN pages integer /*! , ADD COLUMN never integer */;
--rollback ALTER TABLE books DROP COLUMN pages;

--changeset ada:6 endDelimiter://
CREATE PROCEDURE tidy()
BEGIN
  DELETE FROM books WHERE title IS NULL;
END
//
--rollback DROP PROCEDURE tidy;
