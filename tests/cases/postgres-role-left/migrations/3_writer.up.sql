CREATE ROLE writer IN ROLE reader;
