COMMENT ON TABLE books IS 'what the library owns or lends';
