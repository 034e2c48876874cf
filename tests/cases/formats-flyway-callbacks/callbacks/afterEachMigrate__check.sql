SELECT 1 / (CASE WHEN to_regclass('third') IS NULL THEN 1 ELSE 0 END);
