SELECT 1;
COPY books (id, title) FROM stdin WITH (FORMAT csv);
three,Persuasion
\.
