-- +goose Up
ALTER TABLE books ADD COLUMN title text;
