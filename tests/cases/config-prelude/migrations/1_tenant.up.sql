DO $$ BEGIN
    IF current_setting('my.tenant') <> 'library' THEN RAISE EXCEPTION 'no tenant'; END IF;
END $$;
CREATE TABLE books (id integer PRIMARY KEY);
RESET ALL;
