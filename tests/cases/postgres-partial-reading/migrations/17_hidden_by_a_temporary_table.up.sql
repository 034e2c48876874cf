CREATE TEMPORARY TABLE first (q integer); CREATE TEMPORARY TABLE pg_class (q integer); ALTER TABLE public.first ADD COLUMN w text;
