--migrate:up
CREATE TABLE rooms (id integer PRIMARY KEY);

--migrate:down
DROP TABLE rooms;
