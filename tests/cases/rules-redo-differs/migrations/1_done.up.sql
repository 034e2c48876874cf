CREATE TABLE done (what text);
