CREATE TABLE shelves (title varchar(9) COLLATE uca1400_ai_ci);
