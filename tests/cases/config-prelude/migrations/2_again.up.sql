ALTER TABLE books ADD COLUMN tenant text DEFAULT current_setting('my.tenant');
