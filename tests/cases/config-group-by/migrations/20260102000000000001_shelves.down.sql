-- one too many
DROP TABLE room;
