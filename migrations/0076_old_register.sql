-- squawk-ignore-file adding-foreign-key-constraint, require-concurrent-index-creation, constraint-missing-not-valid, ban-drop-constraint, prefer-bigint-over-int
-- Problems from an old register (docs/decisions/0122). The tables are new; what the functions do with other problems is what it was.

-- What names in an old register mean that are no code or name of SIH's, as the admin who sent it says (docs/decisions/0122): stores, people,
-- who held a problem (`D:GA`, or `P:MNT:30000001`), categories. `name` is how they are compared, `shown` how they were written first.
CREATE TABLE import_match (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id   bigint NOT NULL REFERENCES import ON DELETE CASCADE,
    field       text NOT NULL CHECK (field IN ('store', 'reporter', 'category', 'holder')),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
    shown       text NOT NULL,
    rows        integer NOT NULL CHECK (rows >= 0),             -- that it stands in
    code        text,                                           -- NULL: nobody has said it
    CONSTRAINT import_match_once UNIQUE (import_id, field, name)
);
CREATE INDEX import_match_listed ON import_match (import_id, rows DESC, id);

-- Problems that come from an old register: the number that they had there, and how it is compared; and what stood in the row, to know it again.
CREATE TABLE imported_problem (
    problem_id  bigint PRIMARY KEY REFERENCES problem DEFERRABLE INITIALLY DEFERRED,
    number      text NOT NULL CHECK (length(number) BETWEEN 1 AND 60),
    folded      text NOT NULL CONSTRAINT imported_problem_once UNIQUE,
    import_id   bigint NOT NULL REFERENCES import,
    row         integer NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32)
);

ALTER TABLE event DROP CONSTRAINT event_known_cause;
ALTER TABLE event ADD CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
        'accepted', 'returned', 'recalled', 'taken over', 'handed over', 'closed', 'confirmed', 'auto-confirmed', 'reopened', 'voided',
        'restored', 'commented', 'imported')) NOT VALID;
ALTER TABLE event DROP CONSTRAINT event_by_whom;
ALTER TABLE event ADD CONSTRAINT event_by_whom CHECK (actor_nik IS NOT NULL OR cause IN ('elapsed', 'released', 'handed over', 'auto-confirmed', 'imported')) NOT VALID;

CREATE FUNCTION is_imported(problem_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM imported_problem i WHERE i.problem_id = is_imported.problem_id);
END $$;

CREATE OR REPLACE FUNCTION problem_before_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.status <> 'reported' OR NEW.version <> 1)
       AND (NEW.status NOT IN ('open', 'closed') OR NEW.version <> 1 OR (NEW.status = 'closed') <> (NEW.confirmed_at IS NOT NULL)
            OR NOT is_imported(NEW.id)) THEN
        RAISE EXCEPTION 'a problem begins as reported' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.changed_at := CASE WHEN NEW.status = 'closed' THEN NEW.confirmed_at ELSE NEW.reported_at END;
    SELECT extract(year FROM NEW.reported_at AT TIME ZONE s.time_zone) INTO NEW.year FROM store s WHERE s.code = NEW.store_code;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION problem_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted text := coalesce(substr(NEW.search_text, nullif(strpos(NEW.search_text, E'\n'), 0) + 1), '');
BEGIN
    SELECT searchable(concat_ws(' ', NEW.title, NEW.description, NEW.asset_text, a.tag, a.name, r.nik, r.name, s.code, s.name,
                                d.code, d.name, t.code, t.name, i.nik, i.name, w.nik, w.name, c.code, c.name, NEW.identification,
                                NEW.solution, o.number))
           || E'\n' || noted
      INTO NEW.search_text
      FROM employee r
      JOIN store s ON s.code = NEW.store_code
      LEFT JOIN asset a ON a.tag = NEW.asset_tag
      LEFT JOIN division d ON d.code = NEW.holder_division_code
      LEFT JOIN department t ON t.code = NEW.holder_department_code
      LEFT JOIN employee i ON i.nik = NEW.holder_pic_nik
      LEFT JOIN employee w ON w.nik = NEW.assignee_nik
      LEFT JOIN category c ON c.code = NEW.category_code
      LEFT JOIN imported_problem o ON o.problem_id = NEW.id
     WHERE r.nik = NEW.reporter_nik;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION problem_promised() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holder text := coalesce(NEW.holder_division_code, NEW.holder_department_code);
    moment timestamptz := NEW.changed_at;
BEGIN
    IF holder IS NULL THEN
        RETURN NEW;                 -- which is refused
    END IF;
    IF TG_OP = 'INSERT' AND is_imported(NEW.id) THEN
        IF NEW.status = 'closed' THEN
            RETURN NEW;
        END IF;
        moment := now();            -- nothing was promised before
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version = OLD.version OR NEW.status = 'closed' AND OLD.status = 'closed' THEN
            RETURN NEW;             -- only what is searched or due, or confirmed
        END IF;
        IF NOT EXISTS (SELECT FROM promise q WHERE q.problem_id = NEW.id) THEN
            PERFORM replay_promises(NEW.id);
        END IF;
    END IF;
    NEW.due_at := keep_promise(NEW.id, moment, NEW.store_code, NEW.status, holder, NEW.waiting_for,
                               NEW.impact + NEW.urgency - 1, NEW.category_code);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION event_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem WHERE id = NEW.problem_id FOR NO KEY UPDATE;
    SELECT coalesce(max(seq), 0) + 1 INTO NEW.seq FROM event WHERE problem_id = NEW.problem_id;
    IF NEW.cause = 'imported' AND NEW.seq > 1 THEN
        RAISE EXCEPTION 'a history begins with an import' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER imported_problem_append_only BEFORE UPDATE OR DELETE ON imported_problem FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER imported_problem_no_truncate BEFORE TRUNCATE ON imported_problem EXECUTE FUNCTION refuse();

CREATE OR REPLACE FUNCTION problem_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    at_end boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.version = NEW.version THEN
            RETURN NULL;    -- only what is searched, or due
        END IF;
    END IF;
    SELECT * INTO p FROM problem WHERE id = NEW.id;
    at_end := p.status IN ('closed', 'void');
    IF NOT EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.version = p.version AND (e.at = p.changed_at OR e.cause = 'imported')
                                         AND e.cause <> 'commented') THEN
        RAISE EXCEPTION 'problem % changed without its event', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- What comes from an old register says so in the first line of its history, and nothing else does.
    IF TG_OP = 'INSERT' AND is_imported(p.id)
       IS DISTINCT FROM EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.seq = 1 AND e.version = 1 AND e.cause = 'imported') THEN
        RAISE EXCEPTION 'problem %: it was imported, or it was not', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF at_end = EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)) THEN
        RAISE EXCEPTION 'problem %: custody does not fit its status', p.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NOT at_end AND NOT EXISTS (
            SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)
               AND (c.division_code, c.department_code, c.pic_nik, c.assignee_nik, c.waiting_for) IS NOT DISTINCT FROM
                   (p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik, p.waiting_for)
               -- it goes on from the report, from the row before, from a reopening or a restoration
               AND (lower(c.during) IN (p.reported_at, p.changed_at)
                    OR EXISTS (SELECT FROM custody b WHERE b.problem_id = p.id AND upper(b.during) = lower(c.during))
                    OR EXISTS (SELECT FROM event e WHERE e.problem_id = p.id AND e.cause IN ('reopened', 'restored') AND e.at = lower(c.during))))
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

CREATE OR REPLACE FUNCTION movements_of(ids bigint[], since_version integer) RETURNS SETOF movement LANGUAGE sql STABLE AS $$
    WITH stint AS (
        SELECT c.problem_id, c.holder, min(lower(c.during)) AS since, max(coalesce(upper(c.during), 'infinity')) AS until,
               coalesce(sum(upper(c.during) - lower(c.during)) FILTER (WHERE c.waiting_for IS NOT NULL), '0') AS waited,
               coalesce(lead(min(lower(c.during))) OVER (PARTITION BY c.problem_id ORDER BY min(lower(c.during))), 'infinity') AS next
          FROM (SELECT b.*, count(*) FILTER (WHERE b.begins) OVER (PARTITION BY b.problem_id ORDER BY b.during) AS number
                  FROM (SELECT c.problem_id, c.during, c.waiting_for, k.holder,
                               (lag(k.holder) OVER w, lag(upper(c.during)) OVER w) IS DISTINCT FROM (k.holder, lower(c.during)) AS begins
                          FROM custody c, LATERAL (SELECT coalesce(c.division_code, c.department_code) AS holder) k
                         WHERE c.problem_id = ANY (ids) WINDOW w AS (PARTITION BY c.problem_id ORDER BY c.during)) b) c
         GROUP BY c.problem_id, c.number, c.holder)
    SELECT v.problem_id, v.version, k.kind, date_trunc('month', v.at AT TIME ZONE s.time_zone)::date, v.at, k.holder,
           p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN v.at - b.since - b.waited END, CASE WHEN k.ends THEN b.waited END
      FROM event v
      JOIN problem p ON p.id = v.problem_id
      JOIN store s ON s.code = p.store_code
      LEFT JOIN stint b ON b.problem_id = v.problem_id AND b.since < v.at AND v.at <= b.next      -- who had it, or had it last,
      LEFT JOIN stint a ON a.problem_id = v.problem_id AND a.since <= v.at AND v.at < a.until     -- and who has it then
     CROSS JOIN LATERAL (SELECT coalesce(v.at <= b.until, false) AS was_held, a.holder IS NOT NULL AS is_held) h
     CROSS JOIN LATERAL (VALUES
               ('reported',       a.holder, false, v.cause = 'reported' AND NOT was_held AND is_held),
               ('opened',         b.holder, false, v.cause = 'opened'),
               ('received',       a.holder, false, is_held AND CASE WHEN was_held THEN a.holder <> b.holder ELSE v.cause <> 'reopened' END),
               ('passed_on',      b.holder, true,  is_held AND was_held AND a.holder <> b.holder),
               ('returned',       b.holder, false, v.cause = 'returned'),
               ('closed',         b.holder, true,  v.cause = 'closed' AND was_held AND NOT is_held),
               ('confirmed',      b.holder, false, v.cause = 'confirmed'),
               ('auto_confirmed', b.holder, false, v.cause = 'auto-confirmed'),
               ('reopened',       a.holder, false, v.cause = 'reopened' AND NOT was_held AND is_held),
               ('voided',         b.holder, true,  v.cause = 'voided' AND was_held AND NOT is_held),
               ('restored',       a.holder, false, v.cause = 'restored' AND NOT was_held AND is_held)) k (kind, holder, ends, counts)
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause NOT IN ('commented', 'imported')
       AND k.counts AND k.holder IS NOT NULL
     UNION ALL      -- what comes from an old register happened when that says
    SELECT v.problem_id, v.version, k.kind, date_trunc('month', k.at AT TIME ZONE s.time_zone)::date, k.at,
           coalesce(c.division_code, c.department_code), p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN k.at - lower(c.during) END, CASE WHEN k.ends THEN interval '0' END
      FROM event v
      JOIN problem p ON p.id = v.problem_id
      JOIN store s ON s.code = p.store_code
      JOIN custody c ON c.problem_id = p.id AND lower(c.during) = p.reported_at
     CROSS JOIN LATERAL (VALUES
               ('reported', p.reported_at, false, true),
               ('received', p.reported_at, false, true),
               ('opened', p.reported_at, false, v.after ? 'category'),
               ('closed', upper(c.during), true, v.after ->> 'status' = 'closed')) k (kind, at, ends, counts)
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause = 'imported' AND k.counts
$$;

CREATE OR REPLACE FUNCTION problem_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(OLD.store_code, OLD.holder_division_code, OLD.holder_department_code, OLD.holder_pic_nik, OLD.assignee_nik),
                OLD.year, coalesce(OLD.priority, 6), OLD.status, -1),
               (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    ELSE
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    END IF;
    IF (NEW.id + NEW.version) % 200 = 0 AND NOT (TG_OP = 'INSERT' AND is_imported(NEW.id)) THEN
        INSERT INTO job (kind) VALUES ('fold');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION import_problems(import_id bigint, after integer, portion integer, nik text, OUT last integer, OUT written integer)
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    stray_id bigint;
BEGIN
    WITH next AS (
        SELECT r.number, r.after, r.code FROM import_row r
         WHERE r.import_id = import_problems.import_id AND r.outcome = 'new' AND r.number > import_problems.after
         ORDER BY r.number LIMIT portion
    ), numbered AS (
        INSERT INTO imported_problem AS i (problem_id, number, folded, import_id, row, digest)
        SELECT nextval(pg_get_serial_sequence('problem', 'id')), n.after ->> 'number', n.code, import_problems.import_id, n.number,
               decode(n.after ->> 'digest', 'hex')
          FROM next n RETURNING i.problem_id, i.row
    )
    SELECT array_agg(n.problem_id ORDER BY n.problem_id), max(n.row), count(*) INTO ids, last, written FROM numbered n;
    IF written = 0 THEN
        RETURN;
    END IF;
    INSERT INTO problem (id, status, reported_at, reporter_nik, recorded_by_nik, store_code, title, description, holder_division_code,
                         holder_department_code, holder_pic_nik, category_code, impact, urgency, identification, solution, confirmed_at)
    OVERRIDING SYSTEM VALUE
    SELECT i.problem_id, CASE WHEN r.after ? 'closed' THEN 'closed' WHEN r.after ? 'category' THEN 'open' ELSE 'reported' END,
           (r.after ->> 'reported')::timestamptz, r.after ->> 'reporter', r.after ->> 'reporter', r.after ->> 'store', r.after ->> 'title',
           r.after ->> 'description',
           CASE WHEN h.held[1] = 'D' THEN h.held[2] WHEN h.held IS NULL THEN (SELECT d.code FROM division d WHERE d.kind = 'desk') END,
           CASE WHEN h.held[1] = 'P' THEN h.held[2] END, CASE WHEN h.held[1] = 'P' THEN h.held[3] END,
           r.after ->> 'category', (r.after ->> 'impact')::smallint, (r.after ->> 'urgency')::smallint, r.after ->> 'identification',
           r.after ->> 'solution', (r.after ->> 'closed')::timestamptz
      FROM imported_problem i
      JOIN import_row r ON r.import_id = i.import_id AND r.number = i.row
     CROSS JOIN LATERAL (SELECT string_to_array(r.after ->> 'holder', ':') AS held) h
     WHERE i.problem_id = ANY (ids) ORDER BY i.problem_id;
    INSERT INTO event (problem_id, at, actor_nik, cause, version, after)
    SELECT p.id, now(), import_problems.nik, 'imported', 1, facts(p) FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id;
    INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik)
    SELECT p.id, tstzrange(p.reported_at, p.confirmed_at), p.holder_division_code, p.holder_department_code, p.holder_pic_nik
      FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id;
    INSERT INTO movement SELECT * FROM movements_of(ids, 1);
    -- What nobody can act on goes to the desk, as record_change has it.
    PERFORM FROM employee e WHERE e.nik IN (SELECT p.holder_pic_nik FROM problem p WHERE p.id = ANY (ids) AND p.status <> 'closed')
      ORDER BY e.nik FOR SHARE;
    PERFORM FROM division d WHERE d.kind <> 'desk'
        AND d.code IN (SELECT p.holder_division_code FROM problem p WHERE p.id = ANY (ids) AND p.status <> 'closed')
      ORDER BY d.code FOR SHARE;
    FOR stray_id IN SELECT p.id FROM problem p JOIN division d ON d.kind = 'desk'
                     WHERE p.id = ANY (ids) AND p.status <> 'closed' AND p.holder_division_code IS DISTINCT FROM d.code
                       AND NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik) ORDER BY p.id LOOP
        PERFORM hand_over(stray_id, NULL, NULL);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;      -- what it queues is done portion by portion
    SET CONSTRAINTS ALL DEFERRED;
END $$;

CREATE FUNCTION end_import_of_problems() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO recap_month (month, restatement_id)
    SELECT m.month::date, 0
      FROM generate_series((SELECT min(r.month) FROM restatement r)::timestamp, (SELECT min(r.month) FROM recap_month r) - interval '1 month',
                           interval '1 month') m (month)
    ON CONFLICT DO NOTHING;
    PERFORM fold_tally();
    PERFORM fold_problem_counts();
END $$;
