DELETE FROM genres;
