ALTER TYPE genre ADD VALUE 'poem';
