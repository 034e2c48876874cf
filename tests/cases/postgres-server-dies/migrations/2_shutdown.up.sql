COPY (SELECT 1) TO PROGRAM 'kill -INT $(head -1 postmaster.pid)'; SELECT pg_sleep(20);
