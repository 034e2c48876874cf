DROP TABLE quoted;
