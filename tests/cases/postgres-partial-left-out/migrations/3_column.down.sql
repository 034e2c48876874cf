ALTER TABLE found RENAME key TO id;
