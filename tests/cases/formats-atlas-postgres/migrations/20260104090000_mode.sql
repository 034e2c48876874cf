-- atlas:txmode all

CREATE TABLE rooms (id integer PRIMARY KEY);
