-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION books_count() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT count(*) FROM books);
END;
$$;
-- +goose StatementEnd
-- +goose Down
DROP FUNCTION books_count();
