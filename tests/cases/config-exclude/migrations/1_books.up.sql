CREATE TABLE books (id integer PRIMARY KEY);
CREATE TABLE IF NOT EXISTS spatial_notes (id integer PRIMARY KEY, note text);
