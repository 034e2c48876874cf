CREATE FUNCTION quietly(what text) RETURNS void LANGUAGE plpgsql SET track_counts = off AS 'BEGIN EXECUTE what; END';
SELECT quietly('CREATE TABLE quiet (x integer)');
