ALTER TABLE found RENAME id TO key;
