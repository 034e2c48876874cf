ALTER SEQUENCE numbers RENAME TO hidden_id_seq;
