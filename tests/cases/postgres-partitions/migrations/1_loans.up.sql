CREATE TABLE loans (day date NOT NULL, book integer) PARTITION BY RANGE (day);
CREATE TABLE loans_2025 PARTITION OF loans FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX loans_by_book ON loans (book);
