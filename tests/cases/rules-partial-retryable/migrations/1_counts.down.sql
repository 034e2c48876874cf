DROP TABLE counts; DROP TABLE tries;
