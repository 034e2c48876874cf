--liquibase formatted sql

--changeset ada:two splitStatements:false
CREATE TABLE one (id int); CREATE TABLE two (id int);
--rollback DROP TABLE one;

--changeset ada:slash
CREATE TABLE three (id int)
/
CREATE TABLE four (id int)
/
--rollback DROP TABLE three;
--rollback DROP TABLE four;

--changeset ada:go
CREATE TABLE five (id int)
go
CREATE TABLE six (id int)
/
--rollback empty

--changeset ada:kept stripComments:false
CREATE TABLE seven (id int /*! , kept int */);
-- the end
--rollback DROP TABLE seven;

--changeset ada:stripped
-- nothing but this
CREATE TABLE eight (id int /*! , kept int */);
-- the end
--rollback DROP TABLE eight;
