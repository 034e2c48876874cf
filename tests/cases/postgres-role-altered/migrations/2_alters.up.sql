ALTER ROLE app SET work_mem = '5MB';
ALTER ROLE app SET search_path = books, "Odd one";
ALTER ROLE app CREATEDB CONNECTION LIMIT 5 PASSWORD 'a' VALID UNTIL '2040-01-01';
COMMENT ON ROLE app IS 'it''s';
GRANT reader TO app WITH ADMIN OPTION;
ALTER ROLE ALL SET lock_timeout = '1min';
