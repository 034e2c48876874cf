ALTER FUNCTION first_number() RENAME TO next_number;
ALTER FUNCTION old_number() RENAME TO first_number;
