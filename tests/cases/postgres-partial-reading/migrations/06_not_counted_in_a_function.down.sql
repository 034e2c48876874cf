SELECT quietly('DROP TABLE quiet');
DROP FUNCTION quietly;
