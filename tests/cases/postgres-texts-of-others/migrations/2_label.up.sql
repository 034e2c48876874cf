ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet';
