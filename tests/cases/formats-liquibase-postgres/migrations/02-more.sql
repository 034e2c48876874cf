--liquibase formatted sql

--changeset bob:5
CREATE INDEX CONCURRENTLY books_again ON books (title);
--rollback DROP INDEX books_again;

--changeset bob:6 dbms:mysql,mariadb
ALTER TABLE books ENGINE = InnoDB;
--rollback empty

--changeset bob:7 splitStatements:false rollbackSplitStatements:false
CREATE FUNCTION books_count() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF true THEN RETURN 1; END IF;
  RETURN 0;
END;
$$;
--rollback DROP FUNCTION books_count();

--changeset bob:8
--preconditions onFail:MARK_RAN
--precondition-sql-check expectedResult:0 SELECT count(*) FROM books WHERE id > 100
CREATE TABLE shelves (id integer PRIMARY KEY);

--changeset bob:9
ALTER TABLE books ADD COLUMN pages integer;
--rollback not required
