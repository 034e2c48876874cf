ALTER VIEW shelf OWNER TO postgres;
