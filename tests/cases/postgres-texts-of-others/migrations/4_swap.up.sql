ALTER FUNCTION first_number() RENAME TO old_number;
ALTER FUNCTION next_number() RENAME TO first_number;
