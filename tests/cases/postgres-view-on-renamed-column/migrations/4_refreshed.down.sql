CREATE INDEX counted_once ON counted (title);
