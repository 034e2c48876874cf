CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN NEW.title := upper(NEW.title); RETURN NEW; END';
