DROP TABLE grants;
DROP TABLE roles;
