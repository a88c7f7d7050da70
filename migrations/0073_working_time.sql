-- squawk-ignore-file adding-foreign-key-constraint, require-concurrent-index-creation, constraint-missing-not-valid, adding-required-field, prefer-bigint-over-int, prefer-bigint-over-smallint, ban-drop-constraint
-- Working time, targets, and what is promised of each problem (docs/decisions/0123). All tables are new; the column is empty.
-- What is unfinished is promised by the job that is enqueued by the next migration, or with its next change.

ALTER TABLE master_record DROP CONSTRAINT master_record_kind_check;
ALTER TABLE master_record ADD CONSTRAINT master_record_kind_check CHECK (kind IN ('employee', 'store', 'area', 'division', 'department', 'category', 'asset', 'template',
                                            'calendar', 'holiday', 'target')) NOT VALID;
ALTER TABLE problem ADD COLUMN due_at timestamptz;

CREATE OR REPLACE FUNCTION master_state(kind text, code text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN    -- not one CASE, of which each call would prepare all branches
    IF kind = 'employee' THEN
        RETURN (SELECT jsonb_build_object(
            'name', e.name, 'store', e.store_code, 'divisions', e.divisions, 'departments', e.departments, 'store_head', e.is_store_head,
            'manager', e.is_manager, 'area', e.area_code, 'admin', e.is_admin, 'phone', e.phone, 'email', e.email, 'active', e.active)
            FROM employee e WHERE e.nik = master_state.code);
    ELSIF kind = 'store' THEN
        RETURN (SELECT jsonb_build_object(
            'name', s.name, 'time_zone', s.time_zone, 'area', s.area_code, 'address', s.address, 'phone', s.phone, 'active', s.active)
            FROM store s WHERE s.code = master_state.code);
    ELSIF kind = 'area' THEN
        RETURN (SELECT jsonb_build_object('name', a.name, 'parent', a.parent_code, 'active', a.active)
            FROM area a WHERE a.code = master_state.code);
    ELSIF kind = 'division' THEN
        RETURN (SELECT jsonb_build_object('name', d.name, 'kind', d.kind, 'general', d.is_general, 'active', d.active)
            FROM division d WHERE d.code = master_state.code);
    ELSIF kind = 'department' THEN
        RETURN (SELECT jsonb_build_object('name', d.name, 'active', d.active)
            FROM department d WHERE d.code = master_state.code);
    ELSIF kind = 'category' THEN
        RETURN (SELECT jsonb_build_object('name', c.name, 'parent', c.parent_code, 'division', c.division_code, 'active', c.active)
            FROM category c WHERE c.code = master_state.code);
    ELSIF kind = 'asset' THEN
        RETURN (SELECT jsonb_build_object('name', a.name, 'model', a.model, 'store', a.store_code, 'active', a.active)
            FROM asset a WHERE a.tag = master_state.code);
    ELSIF kind = 'template' THEN
        RETURN (SELECT jsonb_build_object('name', t.name, 'division', t.division_code, 'department', t.department_code,
            'purpose', t.purpose, 'text', t.text, 'active', t.active)
            FROM template t WHERE t.code = master_state.code);
    ELSIF kind = 'calendar' THEN
        RETURN (SELECT jsonb_build_object(
            'name', c.name, 'time_zone', c.time_zone, 'closes_on', c.closes_on, 'general', c.is_general,
            'shifts', coalesce((SELECT jsonb_agg(jsonb_build_array(f.weekday, f.opens, f.closes) ORDER BY f.weekday, f.opens)
                                  FROM calendar_shift f WHERE f.calendar_code = c.code), '[]'),
            'divisions', ARRAY(SELECT u.division_code FROM calendar_use u
                                WHERE u.calendar_code = c.code AND u.division_code IS NOT NULL ORDER BY u.division_code COLLATE "C"),
            'areas', ARRAY(SELECT u.area_code FROM calendar_use u
                            WHERE u.calendar_code = c.code AND u.area_code IS NOT NULL ORDER BY u.area_code COLLATE "C"),
            'stores', ARRAY(SELECT u.store_code FROM calendar_use u
                             WHERE u.calendar_code = c.code AND u.store_code IS NOT NULL ORDER BY u.store_code COLLATE "C"),
            'active', c.active)
            FROM calendar c WHERE c.code = master_state.code);
    ELSIF kind = 'holiday' THEN
        RETURN (SELECT jsonb_build_object('name', h.name, 'kind', h.kind, 'estimated', h.estimated, 'active', h.active)
            FROM holiday h WHERE h.date = master_state.code::date);
    ELSIF kind = 'target' THEN
        RETURN (SELECT jsonb_build_object('name', t.name, 'priority', t.priority, 'category', t.category_code, 'division', t.division_code,
            'department', t.department_code, 'response', t.response, 'resolution', t.resolution, 'active', t.active)
            FROM target t WHERE t.code = master_state.code);
    END IF;
    RETURN NULL;
END $$;

-- When somebody works: shifts by the day of the week, of the clocks of `time_zone`, or (NULL) of the problem's store; of holidays all are
-- kept, those of the nation alone, or none. The general one is of all who have no other.
CREATE TABLE calendar (
    code        text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,12}$'),
    name        text NOT NULL CHECK (name <> ''),
    time_zone   text CHECK (time_zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')),
    closes_on   text NOT NULL DEFAULT 'all' CHECK (closes_on IN ('all', 'national', 'none')),
    is_general  boolean NOT NULL DEFAULT false,
    active      boolean NOT NULL DEFAULT true,
    CONSTRAINT calendar_general_is_active CHECK (active OR NOT is_general)
);
CREATE UNIQUE INDEX calendar_one_general ON calendar (is_general) WHERE is_general;

-- Monday is 1; minutes of the day. What goes on over midnight is two.
CREATE TABLE calendar_shift (
    calendar_code  text NOT NULL REFERENCES calendar,
    weekday        smallint NOT NULL CONSTRAINT calendar_shift_weekday CHECK (weekday BETWEEN 1 AND 7),
    opens          smallint NOT NULL,
    closes         smallint NOT NULL,
    PRIMARY KEY (calendar_code, weekday, opens),
    CONSTRAINT calendar_shift_hours CHECK (0 <= opens AND opens < closes AND closes <= 1440),
    CONSTRAINT calendar_shift_apart EXCLUDE USING gist (calendar_code WITH =, weekday WITH =, int4range(opens, closes) WITH &&)
);

-- Whose it is, beside those who have none of their own.
CREATE TABLE calendar_use (
    calendar_code  text NOT NULL REFERENCES calendar,
    division_code  text CONSTRAINT calendar_use_division UNIQUE REFERENCES division,
    area_code      text CONSTRAINT calendar_use_area UNIQUE REFERENCES area,
    store_code     text CONSTRAINT calendar_use_store UNIQUE REFERENCES store,
    CONSTRAINT calendar_use_of_one CHECK (num_nonnulls(division_code, area_code, store_code) = 1)
);
CREATE INDEX calendar_use_calendar ON calendar_use (calendar_code);

CREATE TABLE holiday (
    date       date PRIMARY KEY CONSTRAINT holiday_date CHECK (date BETWEEN '2000-01-01' AND '2099-12-31'),
    name       text NOT NULL CHECK (name <> ''),
    kind       text NOT NULL DEFAULT 'national' CHECK (kind IN ('national', 'joint')),  -- joint leave (cuti bersama)
    estimated  boolean NOT NULL DEFAULT false,                                          -- not yet decreed
    active     boolean NOT NULL DEFAULT true
);

-- How soon a problem is to be answered and solved, in minutes of working time; or, of a holder, how long it may be in that one's hands.
CREATE TABLE target (
    code             text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{2,20}$'),
    name             text NOT NULL CHECK (name <> ''),
    priority         smallint CONSTRAINT target_priority CHECK (priority BETWEEN 1 AND 5),
    category_code    text REFERENCES category,
    division_code    text REFERENCES division,
    department_code  text REFERENCES department,
    response         integer CONSTRAINT target_response CHECK (response BETWEEN 1 AND 525600),
    resolution       integer CONSTRAINT target_resolution CHECK (resolution BETWEEN 1 AND 525600),
    active           boolean NOT NULL DEFAULT true,
    holder           text GENERATED ALWAYS AS (coalesce(division_code, department_code)) STORED,
    CONSTRAINT target_of_one CHECK (num_nonnulls(division_code, department_code) <= 1),
    CONSTRAINT target_says_something CHECK (num_nonnulls(response, resolution) > 0),
    CONSTRAINT target_of_holder CHECK (response IS NULL OR num_nonnulls(division_code, department_code) = 0),
    CONSTRAINT target_in_order CHECK (response <= resolution)
);
CREATE UNIQUE INDEX target_once ON target (coalesce(priority, 0), coalesce(category_code, ''), coalesce(holder, '')) WHERE active;

-- At which percentage of a target who is told, one after the other; NULL: never.
CREATE TABLE target_step (
    step     text PRIMARY KEY CHECK (step IN ('holder', 'desk', 'managers')),
    percent  smallint CONSTRAINT target_step_percent CHECK (percent BETWEEN 1 AND 1000)
);

-- Each calendar by the clocks of each zone, laid out to the end of the third year to come; `so_far` is the working time before, in seconds.
-- What is over never changes: neither what has been worked in it.
CREATE TABLE working_span (
    calendar_code  text NOT NULL REFERENCES calendar,
    time_zone      text NOT NULL,
    opens          timestamptz NOT NULL,
    closes         timestamptz NOT NULL,
    so_far         bigint NOT NULL CHECK (so_far >= 0),
    CONSTRAINT working_span_in_order CHECK (opens < closes),
    PRIMARY KEY (calendar_code, time_zone, opens)
);
CREATE INDEX working_span_so_far ON working_span (calendar_code, time_zone, so_far);

-- The working seconds from the beginning until a moment, whole ones; of two moments the difference is what is worked between them.
CREATE FUNCTION worked_by(calendar_code text, time_zone text, at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT s.so_far + floor(extract(epoch FROM least(at, s.closes) - s.opens))::bigint FROM working_span s
                      WHERE s.calendar_code = worked_by.calendar_code AND s.time_zone = worked_by.time_zone AND s.opens <= at
                      ORDER BY s.opens DESC LIMIT 1), 0);
END $$;

-- The first moment at which so many are worked; NULL: it is beyond the end.
CREATE FUNCTION worked_at(calendar_code text, time_zone text, seconds bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN due <= s.closes THEN due END
              FROM (SELECT * FROM working_span s
                     WHERE s.calendar_code = worked_at.calendar_code AND s.time_zone = worked_at.time_zone AND s.so_far < seconds
                     ORDER BY s.so_far DESC LIMIT 1) s, LATERAL (SELECT s.opens + (seconds - s.so_far) * interval '1 second' AS due) d);
END $$;

-- By whose calendar a minute counts, and by which clocks: that of the division that holds the problem then, else of its store, else of
-- the nearest of its areas, else the general one.
CREATE FUNCTION calendar_of(holder text, store_code text, OUT calendar_code text, OUT time_zone text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    area text;
    own_zone text;
BEGIN
    SELECT s.area_code, s.time_zone INTO area, own_zone FROM store s WHERE s.code = calendar_of.store_code;
    SELECT u.calendar_code INTO calendar_of.calendar_code FROM calendar_use u WHERE u.division_code = holder;
    IF calendar_of.calendar_code IS NULL THEN
        SELECT u.calendar_code INTO calendar_of.calendar_code FROM calendar_use u WHERE u.store_code = calendar_of.store_code;
    END IF;
    WHILE calendar_of.calendar_code IS NULL AND area IS NOT NULL LOOP
        SELECT u.calendar_code, a.parent_code INTO calendar_of.calendar_code, area
          FROM area a LEFT JOIN calendar_use u ON u.area_code = a.code WHERE a.code = area;
    END LOOP;
    SELECT c.code, coalesce(c.time_zone, own_zone) INTO calendar_of.calendar_code, calendar_of.time_zone
      FROM calendar c WHERE CASE WHEN calendar_of.calendar_code IS NULL THEN c.is_general ELSE c.code = calendar_of.calendar_code END;
END $$;

-- Whoever changes a problem shares this lock until the commit, and who changes working time holds it alone: what has been worked until then
-- has been worked for both. It is not waited for in the queue, as that of hold_counting.
CREATE FUNCTION share_working_time() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock_shared(1397310472) $$;
CREATE FUNCTION hold_working_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(1397310472);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody is changing problems all the time' USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

-- Lays these calendars out anew from a moment on (rounded up to a second; NULL: from this one), as their shifts and the holidays are now; one
-- that has not been laid out, from the beginning.
CREATE FUNCTION renew_working_time(codes text[], moment timestamptz DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    zones CONSTANT text[] := '{Asia/Jakarta,Asia/Makassar,Asia/Jayapura}';
    c calendar;
    zone text;
    since timestamptz;
    before bigint;
BEGIN
    PERFORM hold_working_time();
    FOR c IN SELECT * FROM calendar k WHERE k.code = ANY (codes) LOOP FOREACH zone IN ARRAY zones LOOP
        since := date_trunc('second', coalesce(moment, clock_timestamp()) - interval '1 microsecond') + interval '1 second';
        IF NOT EXISTS (SELECT FROM working_span s WHERE s.calendar_code = c.code AND s.time_zone = zone) THEN
            since := '2015-01-01 00:00:00+00';
        END IF;
        before := worked_by(c.code, zone, since);
        DELETE FROM working_span s WHERE s.calendar_code = c.code AND s.time_zone = zone AND s.opens >= since;
        UPDATE working_span s SET closes = since
         WHERE s.calendar_code = c.code AND s.time_zone = zone AND s.opens < since AND s.closes > since;
        INSERT INTO working_span
        SELECT c.code, zone, t.opens, t.closes, before + coalesce(sum(extract(epoch FROM t.closes - t.opens)) OVER (
                   ORDER BY t.opens ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
          FROM generate_series((since AT TIME ZONE zone)::date, make_date(extract(year FROM now())::integer + 3, 12, 31),
                               interval '1 day') AS d (day)
          JOIN calendar_shift f ON f.calendar_code = c.code AND f.weekday = extract(isodow FROM d.day)
         CROSS JOIN LATERAL (SELECT greatest((d.day::date + make_interval(mins => f.opens)) AT TIME ZONE zone, since) AS opens,
                                    (d.day::date + make_interval(mins => f.closes)) AT TIME ZONE zone AS closes) t
         WHERE t.closes > since
           AND d.day::date <> ALL (ARRAY(SELECT h.date FROM holiday h
                                          WHERE h.active AND (c.closes_on = 'all' OR c.closes_on = h.kind)));
    END LOOP; END LOOP;
END $$;

-- The minutes that are allowed until a problem is answered and solved, and that this holder may have it: of the targets that fit it those of
-- the nearest category, and of these the one that names its priority. NULL: as many as it takes.
CREATE FUNCTION target_minutes(priority integer, category_code text, holder text,
                               OUT response integer, OUT resolution integer, OUT part integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
    above text[] := '{}';
    next text := category_code;
BEGIN
    WHILE next IS NOT NULL LOOP
        above := above || next;
        SELECT c.parent_code INTO next FROM category c WHERE c.code = next;
    END LOOP;
    SELECT t.response INTO target_minutes.response FROM target t
     WHERE t.active AND t.holder IS NULL AND t.response IS NOT NULL AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
    SELECT t.resolution INTO target_minutes.resolution FROM target t
     WHERE t.active AND t.holder IS NULL AND t.resolution IS NOT NULL AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
    SELECT t.resolution INTO target_minutes.part FROM target t
     WHERE t.active AND t.holder = target_minutes.holder AND coalesce(t.priority = target_minutes.priority, t.priority IS NULL)
       AND (t.category_code IS NULL OR t.category_code = ANY (above))
     ORDER BY array_position(above, t.category_code), t.priority LIMIT 1;
END $$;

CREATE CONSTRAINT TRIGGER calendar_noted AFTER INSERT OR UPDATE ON calendar DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('calendar', 'code');
CREATE CONSTRAINT TRIGGER holiday_noted AFTER INSERT OR UPDATE ON holiday DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('holiday', 'date');
CREATE CONSTRAINT TRIGGER target_noted AFTER INSERT OR UPDATE ON target DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION master_changed('target', 'code');
-- The shifts of a calendar, and whose it is, are its own.
CREATE FUNCTION calendar_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM record_master('calendar', OLD.calendar_code);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM record_master('calendar', NEW.calendar_code);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER calendar_shift_noted AFTER INSERT OR UPDATE OR DELETE ON calendar_shift DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION calendar_part_changed();
CREATE CONSTRAINT TRIGGER calendar_use_noted AFTER INSERT OR UPDATE OR DELETE ON calendar_use DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION calendar_part_changed();

-- What a company begins with. An admin may change all of it.
SELECT set_config('sih.cause', 'setup', true);
INSERT INTO calendar (code, name, is_general) VALUES ('UMUM', 'Jam kerja umum', true);
INSERT INTO calendar_shift SELECT 'UMUM', day, opens, closes FROM generate_series(1, 5) AS day, (VALUES (480, 720), (780, 1020)) AS s (opens, closes);
INSERT INTO target_step VALUES ('holder', 80), ('desk', 100), ('managers', 150);
INSERT INTO target (code, name, priority, response, resolution) VALUES
    ('UMUM', 'Belum diidentifikasi', NULL, 60, 2400), ('P1', 'Prioritas 1', 1, 30, 240), ('P2', 'Prioritas 2', 2, 60, 480),
    ('P3', 'Prioritas 3', 3, 120, 960), ('P4', 'Prioritas 4', 4, 240, 2400), ('P5', 'Prioritas 5', 5, 480, 4800);
SELECT renew_working_time(ARRAY['UMUM']);

-- What is promised of an unfinished problem, from when to when: a row a piece of time in which nothing that matters changed. It follows
-- from history, calendars and targets as they were then; a change of these makes a new row, which goes on from what was used. Minutes are
-- what is allowed, seconds what was worked. That something is late is said nowhere: the moment is after what was due.
CREATE TABLE promise (
    problem_id      bigint NOT NULL,
    since           timestamptz NOT NULL,
    until           timestamptz,                -- NULL: it is in force
    holder          text NOT NULL,              -- the code of a division or a department
    waiting_for     text,
    stands          boolean NOT NULL GENERATED ALWAYS AS (coalesce(waiting_for IN ('reporter', 'vendor'), false)) STORED,
    priority        smallint,
    category_code   text,
    calendar_code   text NOT NULL,
    time_zone       text NOT NULL,
    response        integer,
    resolution      integer,
    part            integer,                    -- of this holder, since it came there
    used            bigint NOT NULL,            -- before `since`, while it did not stand
    part_used       bigint NOT NULL,
    worked          bigint CHECK (worked >= 0), -- from `since` until `until`, also where it stands
    answered        bigint,                     -- what had been used when it was opened
    response_due    timestamptz,
    resolution_due  timestamptz,
    part_due        timestamptz,
    alarm_at        timestamptz,                -- when to look whether somebody has to be told (target_step)
    PRIMARY KEY (problem_id, since),
    CONSTRAINT promise_in_order CHECK (since < until),
    CONSTRAINT promise_used CHECK (part_used BETWEEN 0 AND used),
    CONSTRAINT promise_worked CHECK ((until IS NULL) = (worked IS NULL)),
    CONSTRAINT promise_answered CHECK (answered BETWEEN 0 AND used AND (response_due IS NULL OR answered IS NULL))
);
CREATE UNIQUE INDEX promise_in_force ON promise (problem_id) WHERE until IS NULL;
CREATE INDEX promise_alarm ON promise (alarm_at) WHERE until IS NULL AND alarm_at IS NOT NULL;

-- What was raised of a problem: that so many per cent of a target were used, once each as long as the allowance is the same.
CREATE TABLE target_alarm (
    problem_id  bigint NOT NULL REFERENCES problem,
    clock       text NOT NULL CHECK (clock IN ('response', 'resolution', 'part')),
    step        text NOT NULL REFERENCES target_step,
    allowed     integer NOT NULL,               -- minutes
    holder      text NOT NULL,                  -- who had it
    percent     smallint NOT NULL,
    due         timestamptz NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (problem_id, clock, step, allowed, holder)
);

CREATE OR REPLACE FUNCTION problem_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE compared problem := NEW;
BEGIN
    compared.search_text := OLD.search_text;
    compared.due_at := OLD.due_at;
    compared.priority := OLD.priority;          -- generated, and not yet
    IF compared IS NOT DISTINCT FROM OLD AND (NEW.search_text, NEW.due_at) IS DISTINCT FROM (OLD.search_text, OLD.due_at) THEN
        RETURN NEW;                             -- only what is searched, or due
    END IF;
    IF NEW.status <> 'waiting' THEN
        NEW.waiting_for := NULL;
        NEW.waiting_until := NULL;
    END IF;
    IF NOT keeps_assignee(OLD, NEW) THEN
        NEW.assignee_nik := NULL;
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
            RETURN NULL;    -- only what is searched, or due
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

-- When something of which so many seconds are used is due, if it began to count at `since`, `base` being worked by then. What was used up
-- before is due when it was.
CREATE FUNCTION due_of(allowed integer, used bigint, p promise, base bigint, before_allowed integer, before_due timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN allowed * 60 <= used THEN CASE WHEN before_allowed = allowed AND before_due <= p.since THEN before_due ELSE p.since END
                WHEN NOT coalesce(p.waiting_for IN ('reporter', 'vendor'), false)
                THEN worked_at(p.calendar_code, p.time_zone, base + allowed * 60 - used) END;
END $$;

-- When the first step of its targets' alarms is reached that may be: somebody looks then. NULL: never, or the clock stands.
CREATE FUNCTION first_alarm(p promise, base bigint) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE first_percent numeric := (SELECT min(t.percent) / 100.0 FROM target_step t);
BEGIN
    IF first_percent IS NULL OR p.waiting_for IN ('reporter', 'vendor') THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT min(CASE WHEN k.left <= 0 THEN p.since ELSE worked_at(p.calendar_code, p.time_zone, base + k.left) END)
              FROM (SELECT ceil(c.allowed * 60 * first_percent)::bigint - c.used AS left
                      FROM (VALUES (CASE WHEN p.answered IS NULL THEN p.response END, p.used), (p.resolution, p.used),
                                   (p.part, p.part_used)) c (allowed, used) WHERE c.allowed IS NOT NULL) k);
END $$;

-- Keeps what is promised of a problem that is so from a moment on, after what is kept of it already: ends what was in force, if anything
-- differs, and begins what is, if it is unfinished. When it is due next; NULL: it is not, or the clock stands.
CREATE FUNCTION keep_promise(problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
                             priority integer, category_code text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    l promise;                          -- the last one
    p promise;                          -- that which is to be
    base bigint;
    in_force boolean;
BEGIN
    PERFORM share_working_time();
    SELECT q.* INTO l FROM promise q WHERE q.problem_id = keep_promise.problem_id ORDER BY q.since DESC LIMIT 1;
    at := greatest(at, l.since + interval '1 microsecond');     -- also if the clock steps back
    in_force := l.problem_id IS NOT NULL AND l.until IS NULL;
    IF in_force THEN
        l.worked := worked_by(l.calendar_code, l.time_zone, at) - worked_by(l.calendar_code, l.time_zone, l.since);
    END IF;
    IF keep_promise.status NOT IN ('closed', 'void') THEN
        p.problem_id := keep_promise.problem_id;
        p.since := at;
        p.holder := keep_promise.holder;
        p.waiting_for := keep_promise.waiting_for;
        p.priority := keep_promise.priority;
        p.category_code := keep_promise.category_code;
        SELECT c.* INTO p.calendar_code, p.time_zone FROM calendar_of(p.holder, store_code) c;
        SELECT t.* INTO p.response, p.resolution, p.part FROM target_minutes(p.priority, p.category_code, p.holder) t;
        p.used := coalesce(l.used + CASE WHEN l.stands THEN 0 ELSE l.worked END, 0);
        p.part_used := CASE WHEN in_force AND l.holder = p.holder THEN l.part_used + CASE WHEN l.stands THEN 0 ELSE l.worked END ELSE 0 END;
        p.answered := coalesce(l.answered, CASE WHEN keep_promise.status <> 'reported' THEN p.used END);
        base := worked_by(p.calendar_code, p.time_zone, at);
        IF p.answered IS NULL THEN
            p.response_due := due_of(p.response, p.used, p, base, l.response, l.response_due);
        END IF;
        p.resolution_due := due_of(p.resolution, p.used, p, base, l.resolution, l.resolution_due);
        p.part_due := due_of(p.part, p.part_used, p, base, CASE WHEN in_force AND l.holder = p.holder THEN l.part END, l.part_due);
        IF in_force AND (l.holder, l.waiting_for, l.priority, l.category_code, l.calendar_code, l.time_zone, l.response, l.resolution,
                         l.part, l.answered IS NULL, l.response_due, l.resolution_due, l.part_due) IS NOT DISTINCT FROM
                        (p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response, p.resolution,
                         p.part, p.answered IS NULL, p.response_due, p.resolution_due, p.part_due) THEN
            RETURN CASE WHEN p.answered IS NULL THEN coalesce(l.response_due, l.resolution_due) ELSE l.resolution_due END;
        END IF;
    END IF;
    IF in_force THEN
        UPDATE promise q SET until = at, worked = l.worked WHERE q.problem_id = l.problem_id AND q.since = l.since;
    END IF;
    IF p.problem_id IS NULL THEN
        RETURN NULL;
    END IF;
    p.alarm_at := first_alarm(p, base);
    INSERT INTO promise (problem_id, since, holder, waiting_for, priority, category_code, calendar_code, time_zone, response, resolution,
                         part, used, part_used, answered, response_due, resolution_due, part_due, alarm_at)
    VALUES (p.problem_id, p.since, p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response,
            p.resolution, p.part, p.used, p.part_used, p.answered, p.response_due, p.resolution_due, p.part_due, p.alarm_at);
    RETURN CASE WHEN p.answered IS NULL THEN coalesce(p.response_due, p.resolution_due) ELSE p.resolution_due END;
END $$;

-- Keeps the promises of a problem that has none, by its history; when it is due next. What was imported is promised from then on.
CREATE FUNCTION replay_promises(problem_id bigint) RETURNS timestamptz LANGUAGE plpgsql AS $$
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
    RETURN due;
END $$;

CREATE FUNCTION problem_promised() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE holder text := coalesce(NEW.holder_division_code, NEW.holder_department_code);
BEGIN
    IF holder IS NULL THEN
        RETURN NEW;                 -- which is refused
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.version = OLD.version OR NEW.status = 'closed' AND OLD.status = 'closed' THEN
            RETURN NEW;             -- only what is searched or due, or confirmed
        END IF;
        IF NOT EXISTS (SELECT FROM promise q WHERE q.problem_id = NEW.id) THEN
            PERFORM replay_promises(NEW.id);
        END IF;
    END IF;
    NEW.due_at := keep_promise(NEW.id, NEW.changed_at, NEW.store_code, NEW.status, holder, NEW.waiting_for,
                               NEW.impact + NEW.urgency - 1, NEW.category_code);
    RETURN NEW;
END $$;
CREATE TRIGGER problem_3_promise BEFORE INSERT OR UPDATE ON problem FOR EACH ROW EXECUTE FUNCTION problem_promised();

-- Keeps the promises of unfinished problems beyond a number as calendars and targets are now, of at most `portion`; the number of the last
-- one. NULL: there are none.
CREATE FUNCTION renew_promises(after bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    due timestamptz;
    last bigint;
BEGIN
    FOR p IN SELECT q.* FROM problem q WHERE q.id > after AND q.status IN ('reported', 'open', 'waiting', 'escalated')
              ORDER BY q.id LIMIT portion FOR NO KEY UPDATE OF q LOOP
        IF NOT EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id) THEN
            PERFORM replay_promises(p.id);
        END IF;
        due := keep_promise(p.id, clock_timestamp(), p.store_code, p.status, coalesce(p.holder_division_code, p.holder_department_code),
                            p.waiting_for, p.priority, p.category_code);
        IF due IS DISTINCT FROM p.due_at THEN
            UPDATE problem SET due_at = due WHERE id = p.id;
        END IF;
        last := p.id;
    END LOOP;
    RETURN last;
END $$;

-- Until when somebody may say whether what was closed is solved: five working days, by the calendar and the clocks of its store. What
-- was closed on another day has them whole.
CREATE FUNCTION answer_until(closed_at timestamptz, store_code text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    own_zone text := (SELECT s.time_zone FROM store s WHERE s.code = answer_until.store_code);
    closed timestamp := closed_at AT TIME ZONE own_zone;
    days date[];        -- the working ones, from that of the closure on
BEGIN
    days := ARRAY(SELECT DISTINCT (w.opens AT TIME ZONE own_zone)::date
                    FROM calendar_of(NULL, answer_until.store_code) c
                    JOIN working_span w ON w.calendar_code = c.calendar_code AND w.time_zone = c.time_zone
                   WHERE w.opens >= date_trunc('day', closed) AT TIME ZONE own_zone AND w.opens < closed_at + interval '60 days'
                   ORDER BY 1 LIMIT 6);
    RETURN coalesce(CASE WHEN days[1] = closed::date THEN days[6] + closed::time ELSE days[5] + interval '1 day' END,
                    closed + interval '7 days') AT TIME ZONE own_zone;
END $$;

CREATE OR REPLACE FUNCTION confirm_unanswered(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    confirmed integer := 0;
BEGIN
    FOR p IN SELECT q.* FROM problem q
              WHERE q.status = 'closed' AND q.confirmed_at IS NULL AND q.changed_at < now() - interval '5 days'
                AND answer_until(q.changed_at, q.store_code) <= now()
              ORDER BY q.changed_at DESC LIMIT portion FOR NO KEY UPDATE OF q SKIP LOCKED LOOP
        UPDATE problem SET confirmed_at = clock_timestamp() WHERE id = p.id;
        PERFORM record_change(p.id, NULL, 'auto-confirmed', facts(p), NULL);
        confirmed := confirmed + 1;
    END LOOP;
    RETURN confirmed;
END $$;
