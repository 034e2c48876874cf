--liquibase formatted sql

--changeset ada:1
CREATE TABLE books (id integer PRIMARY KEY);
--rollback DROP TABLE books;

--changeset ada:2
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);
--rollback DROP TABLE shelves;

--changeset ada:3 runInTransaction:false
CREATE TABLE rooms (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);
--rollback DROP TABLE rooms;

--changeset ada:4
CREATE VIEW titles AS SELECT id FROM books;
--rollback DROP VIEW titles;

--changeset ada:5
DROP VIEW titles;
--rollback changeSetId:4 changeSetAuthor:ada

--changeset ada:6
CREATE TABLE people (id integer PRIMARY KEY);
/* liquibase rollback
DROP TABLE
people;
*/
