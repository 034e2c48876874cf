CREATE OR REPLACE VIEW library.titles AS SELECT id FROM library.books;
