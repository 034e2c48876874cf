DROP ROLE writer;
