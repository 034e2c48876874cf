DO $$ BEGIN
    IF current_setting('wal_level') <> 'logical' THEN RAISE EXCEPTION 'wal_level is %', current_setting('wal_level'); END IF;
    IF current_setting('my.tenant') <> 'library' THEN RAISE EXCEPTION 'no tenant'; END IF;
    -- sqlx sets the time zone itself, whatever the server says.
    IF current_setting('TimeZone') <> 'UTC' THEN RAISE EXCEPTION 'the time zone is %', current_setting('TimeZone'); END IF;
END $$;
