--liquibase formatted sql

--property name:table value:books

--changeset ada:1
CREATE TABLE ${table} (id integer PRIMARY KEY, title text);
INSERT INTO ${table} VALUES (1, 'a;b'); -- one; row
--rollback DROP TABLE
--rollback ${table};

--changeset ada:2
ALTER TABLE books ADD COLUMN year integer;
--rollback ALTER TABLE books DROP COLUMN years;

--changeset ada:3
ALTER TABLE books ADD COLUMN isbn text;
CREATE INDEX books_isbn ON books (isbn);
/* liquibase rollback
 DROP INDEX
 books_isbn;
*/

--changeset bob:4 runInTransaction:false
CREATE INDEX CONCURRENTLY books_title ON books (title);
--rollback DROP INDEX CONCURRENTLY books_title;
