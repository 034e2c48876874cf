XA START 'x1', 'b'; INSERT INTO base (v) VALUES ('xa'); XA END 'x1', 'b'; XA PREPARE 'x1', 'b';
