CREATE TABLE "books\" (path varchar(20) DEFAULT 'C:\', title int);
INSERT INTO "books\" (path) VALUES ('D:\');
CREATE TABLE shelves (id int);
