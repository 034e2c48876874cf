SET GLOBAL max_connections = 78;
