CREATE TABLE t (a longtext);
