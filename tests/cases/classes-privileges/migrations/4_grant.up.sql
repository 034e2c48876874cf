GRANT UPDATE (title) ON books TO reader;
