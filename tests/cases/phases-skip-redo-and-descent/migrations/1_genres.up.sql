CREATE TABLE genres (name text PRIMARY KEY);
