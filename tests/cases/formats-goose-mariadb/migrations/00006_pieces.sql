-- +goose Up
CREATE PROCEDURE tidy_more()
BEGIN
  DELETE FROM books WHERE title IS NULL;
END;
-- +goose Down
DROP PROCEDURE tidy_more;
