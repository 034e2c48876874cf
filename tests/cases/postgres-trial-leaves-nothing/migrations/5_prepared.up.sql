CREATE TABLE numbers (n integer);
PREPARE put AS INSERT INTO numbers VALUES ($1);
EXECUTE put(1);
