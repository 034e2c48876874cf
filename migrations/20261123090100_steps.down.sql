DROP INDEX steps_by_migration;
DROP INDEX steps_by_run;
DROP TABLE steps;
