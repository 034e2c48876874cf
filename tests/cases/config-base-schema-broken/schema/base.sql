CREATE TABLE members (id integer PRIMARY KEY);
CREATE INDEX members_by_name ON members (name);
