CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE FUNCTION titles() RETURNS SETOF text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT title FROM books;
END;
CREATE PROCEDURE empty_shelf() LANGUAGE plpgsql AS $body$
BEGIN
    DELETE FROM books; -- a ; in a body, and a $$ as well
END
$body$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := trim(NEW.title); RETURN NEW; END';
CREATE TRIGGER trims BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION touch();
