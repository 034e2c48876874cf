SELECT 'the old body is forgotten';
