DROP TABLE loans;
SELECT pg_catalog.set_config('search_path', 'library', false);
DROP TABLE public.members;
