--liquibase formatted sql

--changeset ada:1
CREATE TABLE books (id int);
COMMIT;
CREATE TABLE shelves (id int);
CREATE TABLE shelves (id int);
--rollback DROP TABLE books;

--changeset ada:2
BEGIN;
CREATE TABLE readers (id int);
COMMIT;
--rollback DROP TABLE readers;
