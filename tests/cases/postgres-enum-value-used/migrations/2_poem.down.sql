ALTER TYPE genre RENAME TO genre_old;
CREATE TYPE genre AS ENUM ('novel');
ALTER TABLE books ALTER COLUMN genre TYPE genre USING genre::text::genre;
DROP TYPE genre_old;
