UPDATE books SET genre = 'novel' WHERE genre = 'poem';
ALTER TABLE books ALTER COLUMN genre DROP DEFAULT;
ALTER TABLE books ALTER COLUMN genre TYPE text;
DROP TYPE genre;
CREATE TYPE genre AS ENUM ('novel');
ALTER TABLE books ALTER COLUMN genre TYPE genre USING genre::genre;
ALTER TABLE books ALTER COLUMN genre SET DEFAULT 'novel';
