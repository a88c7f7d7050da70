-- The blocks of 65,536 and of 1,048,576 numbers that a problem is in, by which notes are found (the next migration).
CREATE FUNCTION note_keys(problem_id bigint) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['b' || (problem_id >> 16)::text, 'c' || (problem_id >> 20)::text];
