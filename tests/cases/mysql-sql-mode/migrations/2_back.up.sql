SET sql_mode = '';
CREATE TABLE quoted (a varchar(20) DEFAULT 'it\'s; one', b varchar(20) DEFAULT "it\"s; one");
CREATE TABLE "broken" (id int);
