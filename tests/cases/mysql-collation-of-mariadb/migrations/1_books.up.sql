CREATE TABLE books (title varchar(9)) COLLATE utf8mb4_uca1400_ai_ci;
