INSERT INTO accounts (name) VALUES ('c');
DROP TABLE nowhere;
