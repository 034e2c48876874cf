ALTER TABLE books DROP COLUMN title;
SELECT pg_sleep(30);
