ALTER SYSTEM SET primary_conninfo = 'host=a password=hidden';
