ALTER TABLE books RENAME TO titles;
