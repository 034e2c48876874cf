DO $$ BEGIN
    IF EXISTS (SELECT FROM flags WHERE name = 'keep') THEN
        CREATE TABLE kept AS TABLE flags;
    END IF;
END $$;
DROP TABLE flags;
