DO $$
BEGIN
    RAISE EXCEPTION 'the titles are gone for good' USING HINT = 'restore a backup';
END
$$;
