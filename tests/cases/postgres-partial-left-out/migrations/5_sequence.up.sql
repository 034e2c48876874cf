ALTER SEQUENCE hidden_id_seq RENAME TO numbers;
