ALTER TABLE hidden RENAME TO found;
