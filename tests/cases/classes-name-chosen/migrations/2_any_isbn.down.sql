ALTER TABLE books ADD CONSTRAINT single_isbn UNIQUE (isbn);
