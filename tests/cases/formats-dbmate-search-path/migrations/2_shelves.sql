-- migrate:up
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.shelves (id int);
-- migrate:down
DROP TABLE shelves;
