CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE TYPE address AS (city text, zip text);
CREATE FUNCTION first_number() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION next_number() RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE TABLE people (id integer DEFAULT first_number(), m mood DEFAULT 'calm', a address, CHECK (m <> 'cross'), CHECK ((a).city <> ''));
CREATE TABLE desks (id integer, floor integer);
CREATE TABLE rooms (floor integer, size integer);
CREATE VIEW places AS SELECT id, floor, size FROM (people JOIN desks USING (id)) JOIN rooms USING (floor);
