CREATE TABLE roles (id serial PRIMARY KEY, name text);
CREATE TABLE grants (role_id integer REFERENCES roles);
