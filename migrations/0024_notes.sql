-- Notes, which only handlers and managers read; a table of their own (docs/decisions/0091).

CREATE TABLE note (
    problem_id  bigint NOT NULL REFERENCES problem,
    seq         integer NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    author_nik  text NOT NULL REFERENCES employee,
    text        text NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
    PRIMARY KEY (problem_id, seq)
);

CREATE FUNCTION note_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem WHERE id = NEW.problem_id FOR NO KEY UPDATE;
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM note WHERE problem_id = NEW.problem_id;
    RETURN NEW;
END $$;
CREATE TRIGGER note_1_number BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION note_number();
CREATE TRIGGER note_append_only BEFORE UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER note_no_truncate BEFORE TRUNCATE ON note EXECUTE FUNCTION refuse();

-- Whether a person reads notes.
CREATE FUNCTION reads_notes(e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN e.active AND (e.scopes && ARRAY['handler', 'manager']);

-- What a person may do with a problem. Outside of it: 403.
CREATE OR REPLACE FUNCTION rights(p problem, e employee) RETURNS text[] LANGUAGE sql STABLE
    RETURN array_remove(ARRAY[
        'comment',
        CASE WHEN 'handler' = ANY (e.scopes) THEN 'note' END,
        CASE WHEN reads_notes(e) THEN 'note reading' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'opening' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'correction' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'assignment' END,
        CASE WHEN is_assignable(p, e) AND p.assignee_nik IS DISTINCT FROM e.nik THEN 'taking' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'waiting' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'resumption' END,
        CASE WHEN is_holder(p, e) THEN 'escalation' END,
        CASE WHEN is_holder(p, e) THEN 'answer' END,
        CASE WHEN is_sender(p, e) THEN 'recall' END,
        CASE WHEN is_desk(e) AND NOT is_holder(p, e) THEN 'takeover' END,
        CASE WHEN is_holder(p, e) THEN 'closure' END,
        CASE WHEN is_holder(p, e) OR (p.reporter_nik = e.nik AND p.status = 'reported') THEN 'voiding' END,
        CASE WHEN is_desk(e) THEN 'restoration' END,
        CASE WHEN e.nik = p.reporter_nik OR e.store_code = p.store_code THEN 'confirmation' END,
        CASE WHEN e.nik = p.reporter_nik OR e.store_code = p.store_code
               OR (is_holder(p, e) AND p.status = 'closed' AND p.confirmed_at IS NULL) THEN 'reopening' END], NULL);

-- What the state of a problem admits now. Outside of it: 409.
CREATE OR REPLACE FUNCTION admits(p problem) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN array_remove(ARRAY[
        'comment',
        'note',
        CASE WHEN p.status = 'reported' THEN 'opening' END,
        CASE WHEN p.status IN ('open', 'waiting', 'escalated') THEN 'correction' END,
        CASE WHEN p.status IN ('open', 'waiting') AND p.holder_division_code IS NOT NULL THEN 'assignment' END,
        CASE WHEN p.status IN ('open', 'waiting') AND p.holder_division_code IS NOT NULL THEN 'taking' END,
        CASE WHEN p.status = 'open' THEN 'waiting' END,
        CASE WHEN p.status = 'waiting' THEN 'resumption' END,
        CASE WHEN p.status IN ('open', 'waiting') THEN 'escalation' END,
        CASE WHEN p.status = 'escalated' THEN 'answer' END,
        CASE WHEN p.status = 'escalated' THEN 'recall' END,
        CASE WHEN p.status IN ('reported', 'open', 'waiting', 'escalated') THEN 'takeover' END,
        CASE WHEN p.status IN ('open', 'waiting') THEN 'closure' END,
        CASE WHEN p.status IN ('reported', 'open', 'waiting') THEN 'voiding' END,
        CASE WHEN p.status = 'void' THEN 'restoration' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'confirmation' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'reopening' END], NULL);
