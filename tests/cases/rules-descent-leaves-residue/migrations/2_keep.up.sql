INSERT INTO flags VALUES ('keep');
