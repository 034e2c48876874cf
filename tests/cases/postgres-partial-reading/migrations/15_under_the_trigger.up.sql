CREATE TABLE told_of (x integer);
