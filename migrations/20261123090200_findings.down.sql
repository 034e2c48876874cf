DROP INDEX findings_by_check;
DROP TABLE findings;
