GRANT SELECT, INSERT ON books TO reader;
GRANT UPDATE (id), SELECT (title) ON books TO reader;
