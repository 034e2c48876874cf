CREATE TABLE accounts (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) UNIQUE);
CREATE TABLE log (id int, made timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6));
INSERT INTO accounts (name) VALUES ('a'), ('b');
INSERT INTO log (id) VALUES (1);
