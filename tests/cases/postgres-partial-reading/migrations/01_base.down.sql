DROP SCHEMA s; DROP SCHEMA t; DROP TABLE b, a, names, pairs, doubled CASCADE; DROP MATERIALIZED VIEW kept; DROP VIEW both_of_them; DROP TABLE first, second; DROP TYPE pair; DROP FUNCTION double;
