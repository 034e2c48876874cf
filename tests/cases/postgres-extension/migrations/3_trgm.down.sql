SELECT 'the extension may stay, says its author';
