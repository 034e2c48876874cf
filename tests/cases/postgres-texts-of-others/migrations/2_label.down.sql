ALTER TYPE mood RENAME VALUE 'quiet' TO 'calm';
