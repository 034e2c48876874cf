SET sql_mode = '';
CREATE TABLE first (a varchar(20) DEFAULT 'it\'s; one');
SET @modes = 'NO_BACKSLASH_ESCAPES';
SET sql_mode = @modes;
CREATE TABLE second (a varchar(20) DEFAULT 'C:\');
CREATE TABLE third (a varchar(20) DEFAULT 'D:\');
