CREATE TABLE books (title varchar(9)) COLLATE utf8mb4_0900_ai_ci;
