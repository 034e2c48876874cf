DROP INDEX runs_by_project;
DROP TABLE runs;
