;;
-- and nothing else
