DROP INDEX loans_by_day;
