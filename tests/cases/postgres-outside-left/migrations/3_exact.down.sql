DROP DATABASE second_db;
