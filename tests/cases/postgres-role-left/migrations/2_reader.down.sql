REVOKE ALL ON books FROM reader;
