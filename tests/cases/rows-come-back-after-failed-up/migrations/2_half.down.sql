DELETE FROM genres WHERE name = 'poem';
