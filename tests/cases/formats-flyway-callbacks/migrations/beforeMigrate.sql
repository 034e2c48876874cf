CREATE SCHEMA IF NOT EXISTS library;
SET search_path = nowhere;
