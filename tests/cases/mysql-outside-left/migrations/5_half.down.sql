DROP TABLE other_db.half;
