ALTER TABLE other_db.kept ADD COLUMN b int;
