CREATE TABLE books (title varchar(9)) CHARACTER SET gb18030;
