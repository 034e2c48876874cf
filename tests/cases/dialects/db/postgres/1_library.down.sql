DROP TABLE books; DROP TABLE shelves; DROP TYPE mood;
