DROP INDEX findings_by_fingerprint;
DROP INDEX findings_by_run;
DROP TABLE findings;
