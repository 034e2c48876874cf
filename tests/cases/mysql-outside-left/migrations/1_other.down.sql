DROP TABLE other_db.kept;
