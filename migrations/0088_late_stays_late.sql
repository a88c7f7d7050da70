-- squawk-ignore-file ban-drop-function
-- What is late is no less late by a shorter target. The function that goes is called by another one alone, which is replaced here.

-- When something of which so many seconds are used is due, if it began to count at `since`, `base` being worked by then. What is used up
-- already is due when it was said to be, if that is over: it is no less late by another allowance that is used up as well.
CREATE FUNCTION due_of(allowed integer, used bigint, p promise, base bigint, before_due timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN allowed * 60 <= used THEN CASE WHEN before_due <= p.since THEN before_due ELSE p.since END
                WHEN NOT coalesce(p.waiting_for IN ('reporter', 'vendor'), false)
                THEN worked_at(p.calendar_code, p.time_zone, base + allowed * 60 - used) END;
END $$;

CREATE OR REPLACE FUNCTION next_promise(l promise, problem_id bigint, at timestamptz, store_code text, status text, holder text, waiting_for text,
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
        p.response_due := due_of(p.response, p.used, p, base, l.response_due);
    END IF;
    p.resolution_due := due_of(p.resolution, p.used, p, base, l.resolution_due);
    p.part_due := due_of(p.part, p.part_used, p, base, CASE WHEN is_same_stint THEN l.part_due END);
    p.alarm_at := first_alarm(p, base);
    RETURN p;
END $$;

DROP FUNCTION due_of(integer, bigint, promise, bigint, integer, timestamptz);
