CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS $$ DECLARE c record; BEGIN
  FOR c IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    IF c.command_tag = 'CREATE TABLE' THEN
      EXECUTE format('COMMENT ON TABLE %s IS %L', c.object_identity, 'made'); EXECUTE format('CREATE INDEX ON %s ((1))', c.object_identity);
      COMMENT ON TABLE a IS 'something was made';
    END IF;
  END LOOP; END $$;
CREATE EVENT TRIGGER tell ON ddl_command_end EXECUTE FUNCTION told();
