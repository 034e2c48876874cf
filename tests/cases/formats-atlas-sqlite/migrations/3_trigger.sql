CREATE TABLE log (at text);
CREATE TRIGGER books_log AFTER INSERT ON books BEGIN
  INSERT INTO log VALUES (datetime('now'));
  DELETE FROM log WHERE at IS NULL;
END;
