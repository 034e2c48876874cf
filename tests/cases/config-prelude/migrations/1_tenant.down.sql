DROP TABLE app.books;
SELECT current_setting('my.tenant');
