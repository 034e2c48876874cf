CREATE TABLE flags (name text);
