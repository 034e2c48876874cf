SET time_zone = 'Europe/Berlin';
CREATE TABLE returns (at timestamp NULL);
