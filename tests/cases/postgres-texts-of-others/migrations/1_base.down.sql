DROP VIEW places;
DROP TABLE rooms, desks, people;
DROP FUNCTION next_number();
DROP FUNCTION first_number();
DROP TYPE address;
DROP TYPE mood;
