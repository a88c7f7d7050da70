-- What is searched is what is shown: people by NIK and name, who holds it, category and comments, as searchable(); and by new names.

CREATE OR REPLACE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, store_code text,
                          priority integer, reporter_nik text, patterns text[], number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year OR p.id = number)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text LIKE patterns[1] AND (patterns[2] IS NULL OR p.search_text LIKE patterns[2])
                AND (patterns[3] IS NULL OR p.search_text LIKE patterns[3]) AND p.search_text LIKE ALL (patterns)))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'escalated')
                                     ELSE p.status = in_filter.status END);

CREATE OR REPLACE FUNCTION problem_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE compared problem := NEW;
BEGIN
    compared.search_text := OLD.search_text;
    compared.priority := OLD.priority;          -- generated, and not yet
    IF compared IS NOT DISTINCT FROM OLD AND NEW.search_text <> OLD.search_text THEN
        RETURN NEW;                             -- only what is searched
    END IF;
    IF NOT is_transition(OLD, NEW) THEN
        RAISE EXCEPTION 'no transition from % to %', OLD.status, NEW.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.reported_at, NEW.year, NEW.reporter_nik, NEW.recorded_by_nik, NEW.store_code, NEW.title, NEW.description)
        IS DISTINCT FROM
       (OLD.id, OLD.reported_at, OLD.year, OLD.reporter_nik, OLD.recorded_by_nik, OLD.store_code, OLD.title, OLD.description) THEN
        RAISE EXCEPTION 'a report is never rewritten' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.version := OLD.version + 1;
    NEW.changed_at := greatest(clock_timestamp(), OLD.changed_at + interval '1 microsecond');
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION problem_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    at_end boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.version = NEW.version THEN
            RETURN NULL;    -- only what is searched
        END IF;
    END IF;
    SELECT * INTO p FROM problem WHERE id = NEW.id;
    at_end := p.status IN ('closed', 'void');
    IF NOT EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.version = p.version AND e.at = p.changed_at
                                         AND e.cause <> 'commented') THEN
        RAISE EXCEPTION 'problem % changed without its event', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF at_end = EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)) THEN
        RAISE EXCEPTION 'problem %: custody does not fit its status', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT at_end AND NOT EXISTS (
            SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)
               AND (c.division_code, c.department_code, c.pic_nik) IS NOT DISTINCT FROM
                   (p.holder_division_code, p.holder_department_code, p.holder_pic_nik)
               -- it goes on from the report, from the row before, or from a reopening
               AND (lower(c.during) IN (p.reported_at, p.changed_at)
                    OR EXISTS (SELECT FROM custody b WHERE b.problem_id = p.id AND upper(b.during) = lower(c.during))
                    OR EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.cause = 'reopened' AND e.at = lower(c.during))))
    THEN
        RAISE EXCEPTION 'problem %: custody is not its holder''s', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (p.status = 'escalated') IS DISTINCT FROM
       EXISTS (SELECT FROM escalation x WHERE x.problem_id = p.id AND x.answer IS NULL
                  AND (x.to_division_code, x.to_department_code, x.to_pic_nik) IS NOT DISTINCT FROM
                      (p.holder_division_code, p.holder_department_code, p.holder_pic_nik)) THEN
        RAISE EXCEPTION 'problem %: escalation does not fit its status', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION problem_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted text := coalesce(substr(NEW.search_text, nullif(strpos(NEW.search_text, E'\n'), 0) + 1), '');
BEGIN
    SELECT searchable(concat_ws(' ', NEW.title, NEW.description, NEW.asset_text, a.tag, a.name, r.nik, r.name, s.code, s.name,
                                d.code, d.name, t.code, t.name, i.nik, i.name, c.code, c.name, NEW.identification, NEW.solution))
           || E'\n' || noted
      INTO NEW.search_text
      FROM employee r
      JOIN store s ON s.code = NEW.store_code
      LEFT JOIN asset a ON a.tag = NEW.asset_tag
      LEFT JOIN division d ON d.code = NEW.holder_division_code
      LEFT JOIN department t ON t.code = NEW.holder_department_code
      LEFT JOIN employee i ON i.nik = NEW.holder_pic_nik
      LEFT JOIN category c ON c.code = NEW.category_code
     WHERE r.nik = NEW.reporter_nik;
    RETURN NEW;
END $$;

-- Whose notes all who see a problem may read. What is not named here is not searched.
CREATE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN cause IN ('reported', 'opened', 'escalated', 'accepted', 'returned', 'closed', 'confirmed', 'reopened', 'voided', 'commented');

CREATE FUNCTION event_searched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE added text;
BEGIN
    SELECT string_agg(DISTINCT word, ' ') INTO added
      FROM problem p, regexp_split_to_table(searchable(NEW.note), ' ') AS word
     WHERE p.id = NEW.problem_id AND length(p.search_text) < 100000 AND strpos(p.search_text, word) = 0;
    IF added IS NOT NULL THEN
        UPDATE problem SET search_text = search_text || ' ' || added WHERE id = NEW.problem_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_searched AFTER INSERT ON event FOR EACH ROW WHEN (NEW.note IS NOT NULL AND is_read_by_all(NEW.cause))
    EXECUTE FUNCTION event_searched();

-- Makes what is searched anew, of the problems among the `portion` numbers below `before` (or of the last ones) that show the name of
-- the row `code` of the table `of`; of 'problem' of all of them, with what was noted. Below which number to go on; NULL at the end.
CREATE FUNCTION renew_search(of text, code text, before bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE lowest bigint := coalesce(before, (SELECT max(p.id) + 1 FROM problem p)) - portion;
BEGIN
    IF of = 'problem' THEN
        UPDATE problem p SET search_text = E'\n' || left(coalesce((
                   SELECT string_agg(DISTINCT word, ' ') FROM event v, regexp_split_to_table(searchable(v.note), ' ') AS word
                    WHERE v.problem_id = p.id AND is_read_by_all(v.cause)), ''), 100000)
         WHERE p.id >= lowest AND p.id < lowest + portion;
    ELSE
        UPDATE problem p SET search_text = E'\n' || substr(p.search_text, strpos(p.search_text, E'\n') + 1)
         WHERE p.id >= lowest AND p.id < lowest + portion
           AND CASE of WHEN 'store' THEN p.store_code = code
                       WHEN 'employee' THEN code IN (p.reporter_nik, p.holder_pic_nik)
                       WHEN 'asset' THEN p.asset_tag = code
                       WHEN 'division' THEN p.holder_division_code = code
                       WHEN 'department' THEN p.holder_department_code = code
                       WHEN 'category' THEN p.category_code = code END;
    END IF;
    RETURN CASE WHEN lowest > 1 THEN lowest END;
END $$;

-- Who or what has another name is found by it at once in the newest problems, in the others when the job has come to them.
CREATE FUNCTION name_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text := to_jsonb(NEW) ->> TG_ARGV[0];
    before bigint := renew_search(TG_TABLE_NAME, code, NULL, 5000);
BEGIN
    IF before IS NOT NULL THEN
        INSERT INTO job (kind, arguments)
        VALUES ('search', jsonb_build_object('of', TG_TABLE_NAME, 'code', code, 'before', before));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER store_named AFTER UPDATE ON store FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER employee_named AFTER UPDATE ON employee FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('nik');
CREATE TRIGGER asset_named AFTER UPDATE ON asset FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('tag');
CREATE TRIGGER division_named AFTER UPDATE ON division FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER department_named AFTER UPDATE ON department FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
CREATE TRIGGER category_named AFTER UPDATE ON category FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION name_changed('code');
