-- Words of notes are found by whoever reads notes: a text of their own, and its problems beside those that the list finds by theirs.
-- What was noted before is put in by a job (0049), in portions: while these triggers are made, nobody changes a problem.

CREATE TABLE note_search (
    problem_id  bigint PRIMARY KEY REFERENCES problem,
    text        text NOT NULL
);
CREATE INDEX note_search_text ON note_search USING gin (text gin_trgm_ops);

CREATE FUNCTION note_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO note_search AS n (problem_id, text)
    SELECT p.id, searchable(NEW.text) || E'\n' || p.search_text FROM problem p WHERE p.id = NEW.problem_id
    ON CONFLICT (problem_id) DO UPDATE SET text = searchable(NEW.text) || ' ' || n.text WHERE length(n.text) < 200000;
    RETURN NULL;
END $$;
CREATE TRIGGER note_searched AFTER INSERT ON note FOR EACH ROW WHEN (NEW.text IS NOT NULL) EXECUTE FUNCTION note_searched();
CREATE FUNCTION problem_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE note_search n SET text = left(n.text, strpos(n.text, E'\n')) || NEW.search_text WHERE n.problem_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_searched AFTER UPDATE ON problem FOR EACH ROW WHEN (OLD.search_text <> NEW.search_text)
    EXECUTE FUNCTION problem_searched();

CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, mine text,
                          my_divisions text[], store_code text, priority integer, reporter_nik text, patterns text[],
                          number bigint, noted bigint[], status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year OR p.id = number)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (mine IS NULL OR p.assignee_nik = mine OR p.holder_pic_nik = mine
            OR (p.holder_division_code = ANY (my_divisions) AND p.assignee_nik IS NULL))
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text LIKE patterns[1] AND (patterns[2] IS NULL OR p.search_text LIKE patterns[2])
                AND (patterns[3] IS NULL OR p.search_text LIKE patterns[3]) AND p.search_text LIKE ALL (patterns))
            OR p.id = ANY (noted))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'waiting', 'escalated')
                                     ELSE p.status = in_filter.status END);
-- The version before, which calls it, may still serve.
CREATE OR REPLACE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, mine text,
                          my_divisions text[], store_code text, priority integer, reporter_nik text, patterns text[],
                          number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN in_filter(p, year, division_code, department_code, pic_nik, mine, my_divisions, store_code, priority, reporter_nik, patterns,
                     number, NULL, status);
