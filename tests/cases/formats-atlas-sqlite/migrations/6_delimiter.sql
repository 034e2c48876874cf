-- atlas:delimiter \n\n\n
ALTER TABLE books ADD COLUMN year integer


ALTER TABLE books ADD COLUMN isbn text;
