CREATE ROLE reader;
GRANT SELECT ON books TO reader;
