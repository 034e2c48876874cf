CREATE TABLE books (id integer PRIMARY KEY, title text);
COPY books (id, title) FROM stdin;
1	Emma; or not
2	\N
\.
ALTER TABLE books ADD COLUMN year integer;
