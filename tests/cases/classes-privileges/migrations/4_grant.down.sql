REVOKE UPDATE (title) ON books FROM reader;
