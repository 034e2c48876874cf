CREATE TABLE days (mood mood DEFAULT 'merry');
