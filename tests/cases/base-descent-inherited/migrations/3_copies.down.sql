-- the copies may stay

