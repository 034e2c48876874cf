DELETE FROM accounts WHERE name = 'c';
