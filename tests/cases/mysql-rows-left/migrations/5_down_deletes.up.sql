CREATE TABLE last (a int);
