DELIMITER //
CREATE PROCEDURE add_book(number integer)
BEGIN
    INSERT INTO books (id) VALUES (number);
    INSERT INTO books (id) VALUES (number + 1);
END//
DELIMITER ;
CALL add_book(10);
