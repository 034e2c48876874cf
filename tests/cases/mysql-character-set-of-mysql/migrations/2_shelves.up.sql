CREATE TABLE shelves (title varchar(9)) COLLATE utf8mb4_ja_0900_as_cs;
