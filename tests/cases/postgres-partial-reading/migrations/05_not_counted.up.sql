SET track_counts = off; CREATE TABLE unseen (x integer); CREATE POLICY p ON first USING (x > 0); SET track_counts = on; CREATE TABLE seen (x integer);
