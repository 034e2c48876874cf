CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN NEW.title := trim(NEW.title); RETURN NEW; END';
