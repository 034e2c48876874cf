DROP TABLE members;
SET LOCAL ROLE keeper;
