-- +goose Up
CREATE INDEX CONCURRENTLY books_again ON books (title);
-- +goose Down
DROP INDEX books_again;
