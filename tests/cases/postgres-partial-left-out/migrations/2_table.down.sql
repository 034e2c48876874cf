ALTER TABLE found RENAME TO hidden;
