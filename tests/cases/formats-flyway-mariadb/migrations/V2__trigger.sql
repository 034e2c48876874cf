CREATE TRIGGER books_title BEFORE INSERT ON books FOR EACH ROW
BEGIN
    IF NEW.title IS NULL THEN
        SET NEW.title = 'none; yet';
    END IF;
END;
INSERT INTO books (id) VALUES (1);
