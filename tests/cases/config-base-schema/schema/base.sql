CREATE TABLE members (id integer PRIMARY KEY);
CREATE INDEX members_by_id ON members (id);
