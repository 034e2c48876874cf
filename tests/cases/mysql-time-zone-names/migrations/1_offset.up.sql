SET time_zone = '+01:00';
CREATE TABLE loans (due timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);
