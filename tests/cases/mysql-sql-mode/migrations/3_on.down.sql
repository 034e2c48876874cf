DROP TABLE first, second, third;
