SET LOCAL track_counts = off;
DROP TABLE unseen, seen; DROP POLICY p ON first;
RESET track_counts;
