-- squawk-ignore-file prefer-bigint-over-smallint
-- The recap: what the numbers of a month count is written with every change from now on; of what was before, a job counts it in portions.

-- Whoever is changing a problem with the function of before has finished, and whoever comes takes the new one: nothing is left out between.
LOCK TABLE problem IN SHARE ROW EXCLUSIVE MODE;

-- What the numbers of a month count (docs/decisions/0100): one occurrence each, told by an event and by who had the problem before
-- and after it. It follows from `event` and `custody` alone (movements_of), and is written with them. An event belongs to the month in
-- which it happened by the clocks of the problem's store. Category and priority are those that the problem has now. `held` is, where a
-- holder's custody ended, how long that was, whoever of them had it, `waited` how long of the time besides it waited.
CREATE TABLE movement (
    problem_id     bigint NOT NULL,
    version        integer NOT NULL,        -- that of the event
    kind           text NOT NULL CHECK (kind IN (
                       'reported', 'opened', 'received', 'passed_on', 'returned', 'closed', 'confirmed', 'auto_confirmed',
                       'reopened', 'voided', 'restored')),
    month          date NOT NULL,
    at             timestamptz NOT NULL,
    holder         text NOT NULL,           -- the code of a division or a department
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    held           interval,
    waited         interval,
    PRIMARY KEY (problem_id, version, kind),
    CONSTRAINT movement_times CHECK (num_nonnulls(held, waited) = CASE WHEN kind IN ('passed_on', 'closed', 'voided') THEN 2 ELSE 0 END)
);
CREATE INDEX movement_listed ON movement (month, kind, at, problem_id);
CREATE INDEX movement_held ON movement (month, holder) INCLUDE (held, waited) WHERE held IS NOT NULL;
CREATE INDEX movement_store ON movement (store_code, month);

-- What changed of the movements and is not added up in `tally` yet: one row a movement, which nobody has to wait for (no row is hot).
CREATE TABLE uncounted (
    month          date NOT NULL,
    kind           text NOT NULL,
    holder         text NOT NULL,
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    difference     smallint NOT NULL CHECK (difference IN (-1, 1))
);

-- The movements of the months that are not frozen, added up by cuts(): of the company (holder '') and of each holder, in all and by
-- store, category and priority. `net` is what they add to what is unfinished.
CREATE TABLE tally (
    month           date NOT NULL,
    holder          text NOT NULL,
    by              text NOT NULL,          -- '', 'store', 'category' or 'priority'
    key             text NOT NULL,
    reported        integer NOT NULL,
    opened          integer NOT NULL,
    received        integer NOT NULL,
    passed_on       integer NOT NULL,
    returned        integer NOT NULL,
    closed          integer NOT NULL,
    confirmed       integer NOT NULL,
    auto_confirmed  integer NOT NULL,
    reopened        integer NOT NULL,
    voided          integer NOT NULL,
    restored        integer NOT NULL,
    net             integer NOT NULL,
    PRIMARY KEY (month, by, holder, key)
);

-- Months that are over, as they were counted then (version 1): they never change. `restatement_id` is the last restatement of months
-- before that is in it already.
CREATE TABLE recap_month (
    month           date PRIMARY KEY,
    version         smallint NOT NULL DEFAULT 1,
    frozen_at       timestamptz NOT NULL DEFAULT now(),
    restatement_id  bigint NOT NULL
);
CREATE TABLE frozen (
    month           date NOT NULL REFERENCES recap_month,
    holder          text NOT NULL,
    by              text NOT NULL,
    key             text NOT NULL,
    opening         integer NOT NULL,
    reported        integer NOT NULL,
    opened          integer NOT NULL,
    received        integer NOT NULL,
    passed_on       integer NOT NULL,
    returned        integer NOT NULL,
    closed          integer NOT NULL,
    confirmed       integer NOT NULL,
    auto_confirmed  integer NOT NULL,
    reopened        integer NOT NULL,
    voided          integer NOT NULL,
    restored        integer NOT NULL,
    closing         integer NOT NULL,
    held_median     interval,                -- of the company and of each holder in all
    held_p90        interval,
    waited_median   interval,
    waited_p90      interval,
    PRIMARY KEY (month, by, holder, key)
);

-- What changed of a month after it was frozen, and the event that did it: frozen and restated, it is what is counted now.
CREATE TABLE restatement (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month          date NOT NULL,
    kind           text NOT NULL,
    holder         text NOT NULL,
    store_code     text NOT NULL,
    category_code  text,
    priority       smallint,
    difference     smallint NOT NULL CHECK (difference IN (-1, 1)),
    problem_id     bigint NOT NULL,
    version        integer NOT NULL,
    at             timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX restatement_month ON restatement (month, id);

-- How far the history from before there were movements is counted: the problems up to number `up_to`, of which those up to `counted`
-- are. One row.
CREATE TABLE counting (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    counted  bigint NOT NULL,
    up_to    bigint NOT NULL
);
INSERT INTO counting (counted, up_to) SELECT 0, CASE WHEN q.is_called THEN q.last_value ELSE 0 END FROM problem_id_seq q;

-- What the events of problems count, from a version on. A stint is the time that a holder has a problem without a break.
CREATE FUNCTION movements_of(ids bigint[], since_version integer) RETURNS SETOF movement LANGUAGE sql STABLE AS $$
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
     WHERE v.problem_id = ANY (ids) AND v.version >= since_version AND v.cause <> 'commented' AND k.counts AND k.holder IS NOT NULL
$$;

-- Counts what a change of a problem, whose event and custody are written, adds to the numbers; and counts otherwise what it added
-- before, if it is identified otherwise now.
CREATE FUNCTION count_change(p problem, before jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (before ->> 'category', before ->> 'priority') IS DISTINCT FROM (p.category_code, p.priority::text) THEN
        UPDATE movement m SET category_code = p.category_code, priority = p.priority
         WHERE m.problem_id = p.id AND (m.category_code, m.priority) IS DISTINCT FROM (p.category_code, p.priority);
    END IF;
    INSERT INTO movement SELECT * FROM movements_of(ARRAY[p.id], p.version);
END $$;

-- Whoever counts something shares this lock until the commit, and freezing takes it alone: nobody adds to a month that is being frozen.
CREATE FUNCTION share_counting() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(1397310466) $$;

-- Whatever changes the movements changes the numbers: those of a month that is frozen by a restatement.
CREATE FUNCTION movement_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_frozen date;
BEGIN
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
CREATE TRIGGER movement_added AFTER INSERT ON movement REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER movement_updated AFTER UPDATE ON movement REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER movement_removed AFTER DELETE ON movement REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION movement_changed();
CREATE TRIGGER recap_month_append_only BEFORE UPDATE OR DELETE ON recap_month FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER recap_month_no_truncate BEFORE TRUNCATE ON recap_month EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_append_only BEFORE UPDATE OR DELETE ON frozen FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER frozen_no_truncate BEFORE TRUNCATE ON frozen EXECUTE FUNCTION refuse();
CREATE TRIGGER restatement_append_only BEFORE UPDATE OR DELETE ON restatement FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER restatement_no_truncate BEFORE TRUNCATE ON restatement EXECUTE FUNCTION refuse();
CREATE TRIGGER movement_no_truncate BEFORE TRUNCATE ON movement EXECUTE FUNCTION refuse();

-- What a movement of this kind adds to what is unfinished: in the company, or in its holder's hands.
CREATE FUNCTION net(kind text, of_company boolean) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN kind = 'reopened' THEN 1
                WHEN kind IN ('closed', 'voided') THEN -1
                WHEN kind IN ('reported', 'restored') AND of_company THEN 1
                WHEN kind = 'received' AND NOT of_company THEN 1
                WHEN kind = 'passed_on' AND NOT of_company THEN -1
                ELSE 0 END;

-- Under which rows of the recap something is counted. What is not identified has the key ''.
CREATE FUNCTION cuts(holder text, store_code text, category_code text, priority integer)
RETURNS TABLE (holder text, by text, key text) LANGUAGE sql IMMUTABLE AS $$
    SELECT h.holder, c.by, c.key
      FROM (VALUES (''), (cuts.holder)) h (holder),
           (VALUES ('', ''), ('store', cuts.store_code), ('category', coalesce(cuts.category_code, '')),
                   ('priority', coalesce(cuts.priority::text, ''))) c (by, key)
$$;

-- `uncounted` as it will be added to `tally`; and both.
CREATE VIEW uncounted_tally AS
    SELECT u.month, c.holder, c.by, c.key,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'reported'), 0)::integer AS reported,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'opened'), 0)::integer AS opened,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'received'), 0)::integer AS received,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'passed_on'), 0)::integer AS passed_on,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'returned'), 0)::integer AS returned,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'closed'), 0)::integer AS closed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'confirmed'), 0)::integer AS confirmed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'auto_confirmed'), 0)::integer AS auto_confirmed,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'reopened'), 0)::integer AS reopened,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'voided'), 0)::integer AS voided,
           coalesce(sum(u.difference) FILTER (WHERE u.kind = 'restored'), 0)::integer AS restored,
           sum(u.difference * net(u.kind, c.holder = ''))::integer AS net
      FROM uncounted u, cuts(u.holder, u.store_code, u.category_code, u.priority) c
     GROUP BY u.month, c.holder, c.by, c.key;
CREATE VIEW live_tally AS SELECT * FROM tally UNION ALL SELECT * FROM uncounted_tally;

-- Adds up what is not added up yet. Nobody reads other numbers for it.
CREATE FUNCTION fold_tally() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310467);      -- one at a time
    WITH folded AS (
        INSERT INTO tally AS t SELECT * FROM uncounted_tally
        ON CONFLICT (month, by, holder, key) DO UPDATE SET
            reported = t.reported + excluded.reported, opened = t.opened + excluded.opened,
            received = t.received + excluded.received, passed_on = t.passed_on + excluded.passed_on,
            returned = t.returned + excluded.returned, closed = t.closed + excluded.closed,
            confirmed = t.confirmed + excluded.confirmed, auto_confirmed = t.auto_confirmed + excluded.auto_confirmed,
            reopened = t.reopened + excluded.reopened, voided = t.voided + excluded.voided,
            restored = t.restored + excluded.restored, net = t.net + excluded.net)
    DELETE FROM uncounted;
END $$;

-- The numbers of a month by cuts(): the frozen ones, or those of now. What was unfinished before a month that is not frozen is what was
-- so after the last one that is, with what was restated since, and what happened in the months between.
CREATE FUNCTION numbers_of(month date)
RETURNS TABLE (holder text, by text, key text, opening bigint,
               reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint, closed bigint,
               confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint, closing bigint)
LANGUAGE sql STABLE AS $$
    SELECT n.holder, n.by, n.key, sum(n.opening),
           sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
           sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored),
           sum(n.opening + n.net)
      FROM (SELECT f.holder, f.by, f.key, f.opening,
                   f.reported, f.opened, f.received, f.passed_on, f.returned, f.closed, f.confirmed, f.auto_confirmed,
                   f.reopened, f.voided, f.restored,
                   f.closing - f.opening AS net
              FROM frozen f WHERE f.month = numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, 0,
                   t.reported, t.opened, t.received, t.passed_on, t.returned, t.closed, t.confirmed, t.auto_confirmed,
                   t.reopened, t.voided, t.restored, t.net
              FROM live_tally t WHERE t.month = numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, t.net, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM live_tally t WHERE t.month < numbers_of.month
             UNION ALL
            SELECT f.holder, f.by, f.key, f.closing, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM frozen f WHERE f.month = (SELECT max(r.month) FROM recap_month r) AND f.month < numbers_of.month
             UNION ALL
            SELECT c.holder, c.by, c.key, r.difference * net(r.kind, c.holder = ''), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM (SELECT l.month, l.restatement_id FROM recap_month l ORDER BY l.month DESC LIMIT 1) l
              JOIN restatement r ON r.id > l.restatement_id,
                   cuts(r.holder, r.store_code, r.category_code, r.priority) c
             WHERE l.month < numbers_of.month) n
     GROUP BY n.holder, n.by, n.key
    HAVING (sum(n.opening), sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
            sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored))
           <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
$$;

-- How long holders had what left their hands in a month, and how long of the time besides it waited: medians and 90th percentiles, each
-- a time that occurred. Of all of them (holder ''), and of each; of one store, or of all (NULL).
CREATE FUNCTION times_of(month date, store_code text)
RETURNS TABLE (holder text, held_median interval, held_p90 interval, waited_median interval, waited_p90 interval)
LANGUAGE sql STABLE AS $$
    SELECT t.holder, t.held[1], t.held[2], t.waited[1], t.waited[2]
      FROM (SELECT coalesce(m.holder, '') AS holder, percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.held) AS held,
                   percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m.waited) AS waited
              FROM movement m
             WHERE m.month = times_of.month AND m.held IS NOT NULL
               AND (times_of.store_code IS NULL OR m.store_code = times_of.store_code)
             GROUP BY GROUPING SETS ((), (m.holder))) t
$$;

-- Counts the history of at most `portion` problems that were there before movements were; whether some are left. Nobody changes them
-- meanwhile, and what they count already stays.
CREATE FUNCTION count_history(portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    c counting;
    ids bigint[];
BEGIN
    SELECT * INTO c FROM counting FOR UPDATE;
    ids := ARRAY(SELECT p.id FROM problem p WHERE p.id > c.counted AND p.id <= c.up_to ORDER BY p.id LIMIT portion);
    PERFORM FROM problem p WHERE p.id = ANY (ids) ORDER BY p.id FOR NO KEY UPDATE;
    INSERT INTO movement SELECT * FROM movements_of(ids, 1) ON CONFLICT DO NOTHING;
    PERFORM fold_tally();
    c.counted := CASE WHEN cardinality(ids) < portion THEN c.up_to ELSE ids[portion] END;
    UPDATE counting SET counted = c.counted;
    RETURN c.counted < c.up_to;
END $$;

-- Freezes the oldest month that is over and not frozen, in WIB, where a month ends last; which one it was. NULL: there is none, or the
-- history is not counted yet.
CREATE FUNCTION freeze_month() RETURNS date LANGUAGE plpgsql AS $$
DECLARE frozen_month date;
BEGIN
    -- Not waited for in the queue, where everybody who counts something would then stand behind it.
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(1397310466);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody is counting all the time' USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
    IF EXISTS (SELECT FROM counting c WHERE c.counted < c.up_to) THEN
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
    DELETE FROM tally t WHERE t.month = frozen_month;
    RETURN frozen_month;
END $$;

CREATE OR REPLACE FUNCTION record_change(problem_id bigint, actor_nik text, cause text, before jsonb, note text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
BEGIN
    SELECT * INTO p FROM problem WHERE id = record_change.problem_id;
    INSERT INTO event (problem_id, at, actor_nik, cause, version, before, after, note)
    VALUES (p.id, p.changed_at, actor_nik, cause, p.version, differing(before, facts(p)), differing(facts(p), before), note);
    UPDATE custody c SET during = tstzrange(lower(c.during), p.changed_at)
     WHERE c.problem_id = p.id AND upper_inf(c.during)
       AND (p.status IN ('closed', 'void')
            OR (c.division_code, c.department_code, c.pic_nik, c.assignee_nik, c.waiting_for) IS DISTINCT FROM
               (p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik, p.waiting_for));
    IF p.status NOT IN ('closed', 'void')
       AND NOT EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during)) THEN
        INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for)
        VALUES (p.id, tstzrange(p.changed_at, NULL), p.holder_division_code, p.holder_department_code, p.holder_pic_nik,
                p.assignee_nik, p.waiting_for);
    END IF;
    PERFORM count_change(p, before);
    IF p.status NOT IN ('closed', 'void')
       AND (before ->> 'status' IN ('closed', 'void')
            OR (before ->> 'division', before ->> 'department', before ->> 'pic')
               IS DISTINCT FROM (p.holder_division_code, p.holder_department_code, p.holder_pic_nik)) THEN
        PERFORM FROM division d WHERE d.code = p.holder_division_code AND d.kind <> 'desk' FOR SHARE;
        PERFORM FROM employee e WHERE e.nik = p.holder_pic_nik FOR SHARE;
        IF NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik) THEN
            PERFORM hand_over(p.id, NULL, NULL);
        END IF;
    END IF;
END $$;

INSERT INTO job (kind) VALUES ('history');
