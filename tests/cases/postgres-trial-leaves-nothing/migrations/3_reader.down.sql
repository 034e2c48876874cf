DELETE FROM roles WHERE name = 'reader';
