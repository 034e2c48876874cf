CREATE TABLE IF NOT EXISTS tries (n integer);
INSERT INTO tries VALUES (1);
CREATE TABLE IF NOT EXISTS counts (n integer CHECK (n > 1));
INSERT INTO counts SELECT count(*) FROM tries;
