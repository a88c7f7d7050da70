-- squawk-ignore-file adding-foreign-key-constraint, prefer-bigint-over-int, constraint-missing-not-valid, adding-required-field
-- How soon problems are answered and solved, and whether that was within their targets, in the recap (docs/decisions/0126). The new
-- tables are empty, the new columns too; what is in the history gets promises by the job, from the newest problem on.

ALTER TABLE movement ADD COLUMN worked integer, ADD COLUMN allowed integer, ADD COLUMN due timestamptz;
ALTER TABLE movement ADD CONSTRAINT movement_worked CHECK (CASE WHEN kind IN ('opened', 'closed') AND worked IS NOT NULL THEN worked >= 0
                                                                ELSE num_nonnulls(worked, allowed, due) = 0 END) NOT VALID;
ALTER TABLE counting ADD COLUMN unpromised bigint NOT NULL DEFAULT 0;

CREATE TABLE service_month (
    month  date PRIMARY KEY REFERENCES recap_month,
    cause  text NOT NULL CHECK (cause IN ('frozen', 'targets')),
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE frozen_service (
    month              date NOT NULL REFERENCES service_month,
    holder             text NOT NULL,
    by                 text NOT NULL,
    key                text NOT NULL,
    response_median    integer,
    response_p90       integer,
    resolution_median  integer,
    resolution_p90     integer,
    kept               integer NOT NULL,
    missed             integer NOT NULL,
    PRIMARY KEY (month, by, holder, key)
);

CREATE TRIGGER service_month_append_only BEFORE UPDATE OR DELETE ON service_month FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER service_month_no_truncate BEFORE TRUNCATE ON service_month EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_service_append_only BEFORE UPDATE OR DELETE ON frozen_service FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_service_no_truncate BEFORE TRUNCATE ON frozen_service EXECUTE FUNCTION refuse();

-- The working time that was used, by the promises of a problem, at the moment when it was opened or closed: in seconds; and of a closure
-- in how many minutes it was to be, and when these were over. Nothing of other kinds of movements, and of what had no promises then.
CREATE FUNCTION used_until(problem_id bigint, at timestamptz, kind text, OUT worked integer, OUT allowed integer, OUT due timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF kind = 'opened' THEN
        SELECT q.answered INTO worked FROM promise q WHERE q.problem_id = used_until.problem_id AND q.since = used_until.at;
    ELSIF kind = 'closed' THEN
        SELECT q.used + CASE WHEN q.stands THEN 0 ELSE q.worked END, q.resolution, q.resolution_due
          INTO worked, allowed, due
          FROM promise q WHERE q.problem_id = used_until.problem_id AND q.until = used_until.at;
    END IF;
END $$;

-- What the events of problems count, from a version on. A stint is the time that a holder has a problem without a break.
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
           CASE WHEN k.ends THEN v.at - b.since - b.waited END, CASE WHEN k.ends THEN b.waited END, w.worked, w.allowed, w.due
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
     CROSS JOIN LATERAL used_until(v.problem_id, v.at, k.kind) w
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause NOT IN ('commented', 'imported')
       AND k.counts AND k.holder IS NOT NULL
     UNION ALL      -- what comes from an old register happened when that says
    SELECT v.problem_id, v.version, k.kind, date_trunc('month', k.at AT TIME ZONE s.time_zone)::date, k.at,
           coalesce(c.division_code, c.department_code), p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN k.at - lower(c.during) END, CASE WHEN k.ends THEN interval '0' END,
           NULL::integer, NULL::integer, NULL::timestamptz
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

-- Counts what a change of a problem, whose event and custody are written, adds to the numbers; and counts otherwise what it added
-- before, if it is identified otherwise now. Of this one event it says what movements_of says of any, from what is known of it here.
CREATE OR REPLACE FUNCTION count_change(p problem, cause text, before jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was_held boolean := coalesce(before ->> 'status' NOT IN ('closed', 'void'), false);
    is_held boolean := p.status NOT IN ('closed', 'void');
    giver text := coalesce(before ->> 'division', before ->> 'department');
    taker text := coalesce(p.holder_division_code, p.holder_department_code);
    kinds text[];
    c custody;
    since timestamptz := p.changed_at;      -- from when on the giver had it without a break
    waited interval := '0';
BEGIN
    IF (before ->> 'category', before ->> 'priority') IS DISTINCT FROM (p.category_code, p.priority::text) THEN
        UPDATE movement m SET category_code = p.category_code, priority = p.priority
         WHERE m.problem_id = p.id AND (m.category_code, m.priority) IS DISTINCT FROM (p.category_code, p.priority);
    END IF;
    kinds := array_remove(ARRAY[
        CASE WHEN cause IN ('reported', 'reopened', 'restored') AND NOT was_held AND is_held THEN cause END,
        CASE WHEN cause IN ('opened', 'returned', 'confirmed') THEN cause WHEN cause = 'auto-confirmed' THEN 'auto_confirmed' END,
        CASE WHEN is_held AND CASE WHEN was_held THEN taker <> giver ELSE cause <> 'reopened' END THEN 'received' END,
        CASE WHEN is_held AND was_held AND taker <> giver THEN 'passed_on' END,
        CASE WHEN cause IN ('closed', 'voided') AND was_held AND NOT is_held THEN cause END], NULL);
    IF kinds = '{}' THEN
        RETURN;
    END IF;
    IF kinds && ARRAY['passed_on', 'closed', 'voided'] THEN
        FOR c IN SELECT * FROM custody k WHERE k.problem_id = p.id AND upper(k.during) <= p.changed_at ORDER BY k.during DESC LOOP
            EXIT WHEN upper(c.during) <> since OR coalesce(c.division_code, c.department_code) <> giver;
            since := lower(c.during);
            IF c.waiting_for IS NOT NULL THEN
                waited := waited + (upper(c.during) - lower(c.during));
            END IF;
        END LOOP;
    END IF;
    INSERT INTO movement
    SELECT p.id, p.version, k.kind, date_trunc('month', p.changed_at AT TIME ZONE s.time_zone)::date, p.changed_at,
           CASE WHEN k.kind IN ('reported', 'received', 'reopened', 'restored') THEN taker ELSE giver END,
           p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN p.changed_at - since - waited END, CASE WHEN k.ends THEN waited END, w.worked, w.allowed, w.due
      FROM store s, LATERAL (SELECT u AS kind, u IN ('passed_on', 'closed', 'voided') AS ends FROM unnest(kinds) AS u) k,
           used_until(p.id, p.changed_at, k.kind) w
     WHERE s.code = p.store_code;
END $$;

-- Whatever changes the movements changes the numbers: those of a month that is frozen by a restatement.
CREATE OR REPLACE FUNCTION movement_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_frozen date;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM removed r JOIN added a ON (a.problem_id, a.version, a.kind) = (r.problem_id, r.version, r.kind)
                        WHERE (a.month, a.holder, a.store_code, a.category_code, a.priority) IS DISTINCT FROM
                              (r.month, r.holder, r.store_code, r.category_code, r.priority)) THEN
            RETURN NULL;            -- it counts where it did
        END IF;
    END IF;
    PERFORM share_counting();
    last_frozen := coalesce((SELECT max(r.month) FROM recap_month r), '-infinity');
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, -1
          FROM removed m WHERE m.month > last_frozen;
        INSERT INTO restatement (month, kind, holder, store_code, category_code, priority, difference, problem_id, version)
        SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, -1, p.id, p.version
          FROM removed m JOIN problem p ON p.id = m.problem_id WHERE m.month <= last_frozen;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1
          FROM added m WHERE m.month > last_frozen;
        INSERT INTO restatement (month, kind, holder, store_code, category_code, priority, difference, problem_id, version)
        SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1, p.id, p.version
          FROM added m JOIN problem p ON p.id = m.problem_id WHERE m.month <= last_frozen;
    END IF;
    RETURN NULL;
END $$;

-- Has the movements of these problems say what their promises do. No count changes by it.
CREATE FUNCTION recount_worked(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE movement m SET (worked, allowed, due) = (w.worked, w.allowed, w.due)
      FROM movement k, LATERAL (SELECT * FROM used_until(k.problem_id, k.at, k.kind) OFFSET 0) w
     WHERE k.problem_id = ANY (ids) AND k.kind IN ('opened', 'closed')
       AND (m.problem_id, m.version, m.kind) = (k.problem_id, k.version, k.kind)
       AND (k.worked, k.allowed, k.due) IS DISTINCT FROM (w.worked, w.allowed, w.due)
$$;

-- Counts these problems anew, by their histories; nobody changes them meanwhile.
CREATE OR REPLACE FUNCTION recount(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM recount_worked(ids);
    DELETE FROM movement m WHERE m.problem_id = ANY (ids) AND NOT EXISTS (SELECT FROM movements_of(ids, 1) s WHERE s = m);
    INSERT INTO movement SELECT * FROM movements_of(ids, 1) ON CONFLICT DO NOTHING;
END $$;

-- Keeps the promises of a problem that has none, by its history, and counts the working time that was used; when it is due next. What was
-- imported is promised from then on.
CREATE OR REPLACE FUNCTION replay_promises(problem_id bigint) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    v record;
    state jsonb := '{}';
    due timestamptz;
BEGIN
    FOR v IN SELECT e.at, e.before, e.after, p.store_code, e.version >= coalesce(i.version, 1) AS counts
               FROM problem p JOIN event e ON e.problem_id = p.id AND e.cause <> 'commented'
               LEFT JOIN event i ON i.problem_id = p.id AND i.cause = 'imported'
              WHERE p.id = replay_promises.problem_id ORDER BY e.version LOOP
        state := (state - ARRAY(SELECT jsonb_object_keys(v.before))) || v.after;
        CONTINUE WHEN NOT v.counts;
        due := keep_promise(replay_promises.problem_id, v.at, v.store_code, state ->> 'status',
                            coalesce(state ->> 'division', state ->> 'department'), state ->> 'waiting_for',
                            (state ->> 'priority')::integer, state ->> 'category');
    END LOOP;
    PERFORM recount_worked(ARRAY[replay_promises.problem_id]);
    RETURN due;
END $$;

-- Has at most `portion` problems that were there before promises were, the newest first, have theirs, and counts the working time that was
-- used by then; whether some are left. Nobody changes them meanwhile.
CREATE FUNCTION promise_history(portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    c counting;
    ids bigint[];
    p problem;
    due timestamptz;
BEGIN
    SELECT * INTO c FROM counting FOR UPDATE;
    ids := ARRAY(SELECT q.id FROM problem q WHERE q.id <= c.unpromised ORDER BY q.id DESC LIMIT portion);
    FOR p IN SELECT q.* FROM problem q WHERE q.id = ANY (ids) ORDER BY q.id FOR NO KEY UPDATE LOOP
        CONTINUE WHEN EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id);
        due := replay_promises(p.id);
        IF due IS DISTINCT FROM p.due_at THEN
            UPDATE problem SET due_at = due WHERE id = p.id;
        END IF;
    END LOOP;
    PERFORM recount_worked(ids);
    c.unpromised := CASE WHEN cardinality(ids) < portion THEN 0 ELSE ids[portion] - 1 END;
    UPDATE counting SET unpromised = c.unpromised;
    RETURN c.unpromised > 0;
END $$;

-- How soon problems were answered and solved in a month: the median and the 90th percentile of the seconds of working time, each one that
-- occurred; and how many closures kept and missed their target. Of the company (holder '') and of each holder, in all and by store, category
-- (with those below it) and priority.
CREATE FUNCTION service_of(month date)
RETURNS TABLE (holder text, by text, key text, response_median integer, response_p90 integer, resolution_median integer,
               resolution_p90 integer, kept integer, missed integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above (code, category_code) AS (
        SELECT c.code, c.code FROM category c
         UNION
        SELECT c.parent_code, a.category_code FROM above a JOIN category c ON c.code = a.code WHERE c.parent_code IS NOT NULL
    ), used AS (
        SELECT m.holder, m.store_code, m.category_code, m.priority, m.worked, m.kind = 'opened' AS answers, m.allowed IS NOT NULL AS counts,
               coalesce(m.at > m.due, false) AS late
          FROM movement m WHERE m.month = service_of.month AND m.kind IN ('opened', 'closed') AND m.worked IS NOT NULL
    )
    SELECT s.holder, s.by, s.key, s.response[1], s.response[2], s.resolution[1], s.resolution[2], s.kept, s.missed
      FROM (SELECT h.holder, k.by, k.key,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY u.worked) FILTER (WHERE u.answers) AS response,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY u.worked) FILTER (WHERE NOT u.answers) AS resolution,
                   (count(*) FILTER (WHERE u.counts AND NOT u.late))::integer AS kept,
                   (count(*) FILTER (WHERE u.counts AND u.late))::integer AS missed
              FROM used u
             CROSS JOIN LATERAL (VALUES (''), (u.holder)) h (holder)
             CROSS JOIN LATERAL (
                   VALUES ('', ''), ('store', u.store_code), ('priority', coalesce(u.priority::text, ''))
                    UNION ALL
                   SELECT 'category', a.code FROM above a WHERE a.category_code = u.category_code
                    UNION ALL
                   SELECT 'category', '' WHERE u.category_code IS NULL) k (by, key)
             GROUP BY h.holder, k.by, k.key) s
$$;

-- Keeps that of the newest month that was frozen before it was counted; which one it was. NULL: there is none, or some problems have no
-- promises yet. It stays, as what is frozen does.
CREATE FUNCTION restate_service() RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    restated date := (SELECT max(r.month) FROM recap_month r WHERE NOT EXISTS (SELECT FROM service_month s WHERE s.month = r.month));
BEGIN
    IF restated IS NULL OR EXISTS (SELECT FROM counting c WHERE c.unpromised > 0) THEN
        RETURN NULL;
    END IF;
    INSERT INTO service_month (month, cause) VALUES (restated, 'targets');
    INSERT INTO frozen_service SELECT restated, s.* FROM service_of(restated) s;
    RETURN restated;
END $$;

-- Freezes the oldest month that is over and not frozen, in WIB, where a month ends last; which one it was. NULL: there is none, or the
-- history is not counted yet.
CREATE OR REPLACE FUNCTION freeze_month() RETURNS date LANGUAGE plpgsql AS $$
DECLARE frozen_month date;
BEGIN
    PERFORM hold_counting();
    IF EXISTS (SELECT FROM counting c WHERE c.counted < c.up_to OR c.unpromised > 0) THEN
        RETURN NULL;
    END IF;
    PERFORM fold_tally();
    frozen_month := coalesce((SELECT max(r.month) + interval '1 month' FROM recap_month r), (SELECT min(t.month) FROM tally t));
    IF ((frozen_month + interval '1 month') AT TIME ZONE 'Asia/Jakarta' <= now()) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    WITH numbers AS MATERIALIZED (
        SELECT n.*, t.held_median, t.held_p90, t.waited_median, t.waited_p90
          FROM numbers_of(frozen_month) n LEFT JOIN times_of(frozen_month, NULL) t ON t.holder = n.holder AND n.by = ''
    ), noted AS (
        INSERT INTO recap_month (month, restatement_id)
        SELECT frozen_month, coalesce(max(r.id), 0) FROM restatement r
    )
    INSERT INTO frozen SELECT frozen_month, n.* FROM numbers n;
    INSERT INTO service_month (month, cause) VALUES (frozen_month, 'frozen');
    INSERT INTO frozen_service SELECT frozen_month, s.* FROM service_of(frozen_month) s;
    DELETE FROM tally t WHERE t.month = frozen_month;
    RETURN frozen_month;
END $$;

UPDATE counting SET unpromised = (SELECT coalesce(max(p.id), 0) FROM problem p);
INSERT INTO job (kind) SELECT 'promise_history' FROM counting c WHERE c.unpromised > 0;
