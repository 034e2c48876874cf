DROP TABLE log;
DROP TABLE accounts;
