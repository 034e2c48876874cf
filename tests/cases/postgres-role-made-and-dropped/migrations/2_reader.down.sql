REVOKE ALL ON books FROM reader;
DROP ROLE reader;
