-- What a change of calendars, holidays or targets would do, before it is done.

CREATE OR REPLACE FUNCTION hold_working_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('sih.trial', true) = 'yes' THEN
        RETURN;     -- only to see what would be: it is undone
    END IF;
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(1397310472);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody is changing problems all the time' USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

-- What is promised of an unfinished problem that is so from a moment on, after `l`, the last that was (`worked` of it being what was worked
-- until then).
CREATE FUNCTION next_promise(l promise, problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
                             priority integer, category_code text) RETURNS promise LANGUAGE plpgsql STABLE AS $$
DECLARE
    p promise;
    base bigint;
    counted bigint := CASE WHEN l.stands THEN 0 ELSE l.worked END;
    is_same_stint boolean := coalesce(l.until IS NULL AND l.holder = next_promise.holder, false);
BEGIN
    p.problem_id := next_promise.problem_id;
    p.since := at;
    p.holder := next_promise.holder;
    p.waiting_for := next_promise.waiting_for;
    p.priority := next_promise.priority;
    p.category_code := next_promise.category_code;
    SELECT c.* INTO p.calendar_code, p.time_zone FROM calendar_of(p.holder, store_code) c;
    SELECT t.* INTO p.response, p.resolution, p.part FROM target_minutes(p.priority, p.category_code, p.holder) t;
    p.used := coalesce(l.used + counted, 0);
    p.part_used := CASE WHEN is_same_stint THEN l.part_used + counted ELSE 0 END;
    p.answered := coalesce(l.answered, CASE WHEN next_promise.status <> 'reported' THEN p.used END);
    base := worked_by(p.calendar_code, p.time_zone, at);
    IF p.answered IS NULL THEN
        p.response_due := due_of(p.response, p.used, p, base, l.response, l.response_due);
    END IF;
    p.resolution_due := due_of(p.resolution, p.used, p, base, l.resolution, l.resolution_due);
    p.part_due := due_of(p.part, p.part_used, p, base, CASE WHEN is_same_stint THEN l.part END, l.part_due);
    p.alarm_at := first_alarm(p, base);
    RETURN p;
END $$;

-- Whether two say the same, one as of another moment.
CREATE FUNCTION promises_alike(l promise, p promise) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (l.holder, l.waiting_for, l.priority, l.category_code, l.calendar_code, l.time_zone, l.response, l.resolution,
            l.part, l.answered IS NULL, l.response_due, l.resolution_due, l.part_due) IS NOT DISTINCT FROM
           (p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response, p.resolution,
            p.part, p.answered IS NULL, p.response_due, p.resolution_due, p.part_due);

-- What of it is due next.
CREATE FUNCTION next_due(p promise) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p.answered IS NULL THEN coalesce(p.response_due, p.resolution_due) ELSE p.resolution_due END;

-- Keeps what is promised of a problem that is so from a moment on, after what is kept of it already: ends what was in force, if anything
-- differs, and begins what is, if it is unfinished. When it is due next; NULL: it is not, or the clock stands.
CREATE OR REPLACE FUNCTION keep_promise(problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
                             priority integer, category_code text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    l promise;                          -- the last one
    p promise;                          -- that which is to be
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
        p := next_promise(l, keep_promise.problem_id, at, keep_promise.store_code, keep_promise.status, keep_promise.holder,
                          keep_promise.waiting_for, keep_promise.priority, keep_promise.category_code);
        IF in_force AND promises_alike(l, p) THEN
            RETURN next_due(l);
        END IF;
    END IF;
    IF in_force THEN
        UPDATE promise q SET until = at, worked = l.worked WHERE q.problem_id = l.problem_id AND q.since = l.since;
    END IF;
    IF p.problem_id IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO promise (problem_id, since, holder, waiting_for, priority, category_code, calendar_code, time_zone, response, resolution,
                         part, used, part_used, answered, response_due, resolution_due, part_due, alarm_at)
    VALUES (p.problem_id, p.since, p.holder, p.waiting_for, p.priority, p.category_code, p.calendar_code, p.time_zone, p.response,
            p.resolution, p.part, p.used, p.part_used, p.answered, p.response_due, p.resolution_due, p.part_due, p.alarm_at);
    RETURN next_due(p);
END $$;

-- What renewing the promises would move, as calendars and targets are in this transaction: of the unfinished problems (`number`) some are looked
-- at, every so-many-th where they are more than `portion`; how many of these would be due later or earlier, by how much at most, and
-- late, or late no more.
CREATE FUNCTION renewal_effect(portion integer, OUT number bigint, OUT looked_at bigint, OUT later bigint, OUT earlier bigint,
                               OUT latest interval, OUT earliest interval, OUT made_late bigint, OUT late_no_more bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    l promise;
    p problem;
    due timestamptz;
    every bigint;
BEGIN
    SELECT count(*) INTO number FROM promise q WHERE q.until IS NULL;
    every := number / portion + 1;
    looked_at := 0; later := 0; earlier := 0; made_late := 0; late_no_more := 0; latest := '0'; earliest := '0';
    FOR l IN SELECT * FROM promise q WHERE q.until IS NULL AND q.problem_id % every = 0 LOOP
        SELECT * INTO p FROM problem r WHERE r.id = l.problem_id;
        looked_at := looked_at + 1;
        l.worked := worked_by(l.calendar_code, l.time_zone, now()) - worked_by(l.calendar_code, l.time_zone, l.since);
        due := next_due(next_promise(l, p.id, now(), p.store_code, p.status, l.holder, p.waiting_for, p.priority, p.category_code));
        later := later + coalesce(due > p.due_at, due IS NULL AND p.due_at IS NOT NULL)::integer;
        earlier := earlier + coalesce(due < p.due_at, p.due_at IS NULL AND due IS NOT NULL)::integer;
        latest := greatest(latest, due - p.due_at);
        earliest := greatest(earliest, p.due_at - due);
        made_late := made_late + coalesce(due < now() AND p.due_at >= now(), false)::integer;
        late_no_more := late_no_more + coalesce(p.due_at < now() AND coalesce(due >= now(), true), false)::integer;
    END LOOP;
END $$;
