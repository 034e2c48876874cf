ALTER SEQUENCE numbers RENAME TO a_id_seq;
