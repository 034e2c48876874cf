-- +goose Up
ALTER TABLE books ADD COLUMN isbn varchar(20);
CREATE INDEX books_isbn ON books (isbn);
-- +goose Down
DROP INDEX books_isbn ON books;
