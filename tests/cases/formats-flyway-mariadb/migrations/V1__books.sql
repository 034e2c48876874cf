CREATE TABLE books (id integer PRIMARY KEY, title varchar(80));
# a comment; as only this product has it
