ALTER TYPE pair RENAME ATTRIBUTE left_one TO one; ALTER TABLE doubled RENAME n TO number;
