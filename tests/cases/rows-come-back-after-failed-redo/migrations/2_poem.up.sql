INSERT INTO genres (name) VALUES ('poem');
INSERT INTO genres (name) SELECT 'prose' WHERE NOT EXISTS (SELECT 1 FROM genres WHERE name = 'novel');
INSERT INTO genres (name) SELECT 'prose' WHERE NOT EXISTS (SELECT 1 FROM genres WHERE name = 'novel');
