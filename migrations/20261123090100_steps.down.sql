DROP TABLE steps;
DROP INDEX checks_by_run;
DROP TABLE checks;
