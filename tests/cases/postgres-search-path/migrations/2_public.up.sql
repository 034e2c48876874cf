CREATE TABLE members (id integer PRIMARY KEY);
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.loans (member integer REFERENCES public.members (id), book integer REFERENCES library.books (id));
