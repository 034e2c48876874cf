DROP TABLE of_gone, gone;
