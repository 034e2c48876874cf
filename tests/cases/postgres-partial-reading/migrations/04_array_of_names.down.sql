CREATE TABLE gone (x integer); ALTER TABLE of_gone ALTER r SET DEFAULT '{gone}'::regclass[];
