-- +goose Up
-- +goose StatementBegin
CREATE PROCEDURE tidy()
BEGIN
  DELETE FROM books WHERE title IS NULL;
  DELETE FROM books WHERE title = '';
END;
-- +goose StatementEnd
-- +goose Down
DROP PROCEDURE tidy;
