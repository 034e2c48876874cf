ALTER TABLE doubled RENAME number TO n; ALTER TYPE pair RENAME ATTRIBUTE one TO left_one;
