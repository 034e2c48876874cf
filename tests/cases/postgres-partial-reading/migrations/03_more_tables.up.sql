CREATE TABLE gone (x integer); CREATE TABLE of_gone (r regclass[] DEFAULT '{gone}'::regclass[]);
