DO $$
BEGIN
    IF EXISTS (SELECT FROM done) THEN
        CREATE TABLE archive (id bigint);
    ELSE
        CREATE TABLE archive (id integer);
        INSERT INTO done VALUES ('archive');
    END IF;
END
$$;
