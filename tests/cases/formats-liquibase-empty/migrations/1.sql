--liquibase formatted sql

--changeset ada:1
CREATE TABLE one (id int);
--rollback DROP TABLE one;

--changeset ada:2
--comment nothing to do
--rollback empty
