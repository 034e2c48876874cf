DROP INDEX one_title;
