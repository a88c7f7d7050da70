-- Notes from before they were searched are found when a job has put them in, in portions.

-- Puts in what was noted on at most `portion` problems after a number, as it is when their rows are held; after which number to go on, NULL
-- at the end.
CREATE FUNCTION fill_note_search(after bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT DISTINCT n.problem_id FROM note n WHERE n.problem_id > after AND n.text IS NOT NULL ORDER BY 1 LIMIT portion);
BEGIN
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    INSERT INTO note_search AS s (problem_id, text)
    SELECT p.id, string_agg(searchable(n.text), ' ' ORDER BY n.seq DESC) || E'\n' || p.search_text
      FROM note n JOIN problem p ON p.id = n.problem_id WHERE p.id = ANY (ids) AND n.text IS NOT NULL GROUP BY p.id
    ON CONFLICT (problem_id) DO UPDATE SET text = excluded.text WHERE s.text <> excluded.text;
    RETURN ids[portion];
END $$;

INSERT INTO job (kind) VALUES ('note_search');
