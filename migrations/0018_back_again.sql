-- squawk-ignore-file ban-drop-constraint
-- An identification is corrected; an escalation is recalled, a problem taken over, what was voided restored; a reporter withdraws what nobody
-- has opened; the whole store confirms or reopens, and who closed reopens. What was allowed stays allowed: 0019 looks.

ALTER TABLE event
    DROP CONSTRAINT event_cause_check,
    DROP CONSTRAINT event_says_why,
    ADD CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'escalated', 'accepted', 'returned', 'recalled', 'taken over', 'closed', 'confirmed',
        'reopened', 'voided', 'restored', 'commented')) NOT VALID,
    ADD CONSTRAINT event_says_why CHECK (
        note IS NOT NULL OR cause NOT IN ('escalated', 'returned', 'recalled', 'taken over', 'voided')) NOT VALID;

ALTER TABLE escalation
    DROP CONSTRAINT escalation_answer_check,
    DROP CONSTRAINT escalation_return,
    ADD CONSTRAINT escalation_known_answer CHECK (answer IN ('accepted', 'returned', 'recalled', 'taken over')) NOT VALID,
    ADD CONSTRAINT escalation_says_why CHECK ((answer_reason IS NOT NULL) = (coalesce(answer, 'accepted') <> 'accepted')) NOT VALID;

-- Whether a person is of the helpdesk desk.
CREATE FUNCTION is_desk(e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM division d WHERE d.code = e.division_code AND d.kind = 'desk');

-- Whether a person is of those who passed the problem on, as long as nobody has answered.
CREATE FUNCTION is_sender(p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM escalation x
         WHERE x.problem_id = p.id AND x.sent_at <= p.changed_at AND (x.answered_at IS NULL OR x.answered_at > p.changed_at)
           AND (x.from_division_code = e.division_code
                OR (x.from_pic_nik = e.nik AND x.from_department_code = e.department_code)));

-- What a person may do with a problem. Outside of it: 403.
CREATE FUNCTION rights(p problem, e employee) RETURNS text[] LANGUAGE sql STABLE
    RETURN array_remove(ARRAY[
        'comment',
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'opening' END,
        CASE WHEN is_holder(p, e) OR is_desk(e) THEN 'correction' END,
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
        CASE WHEN p.status = 'reported' THEN 'opening' END,
        CASE WHEN p.status IN ('open', 'escalated') THEN 'correction' END,
        CASE WHEN p.status = 'open' THEN 'escalation' END,
        CASE WHEN p.status = 'escalated' THEN 'answer' END,
        CASE WHEN p.status = 'escalated' THEN 'recall' END,
        CASE WHEN p.status IN ('reported', 'open', 'escalated') THEN 'takeover' END,
        CASE WHEN p.status = 'open' THEN 'closure' END,
        CASE WHEN p.status IN ('reported', 'open') THEN 'voiding' END,
        CASE WHEN p.status = 'void' THEN 'restoration' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'confirmation' END,
        CASE WHEN p.status = 'closed' AND p.confirmed_at IS NULL THEN 'reopening' END], NULL);

CREATE OR REPLACE FUNCTION may(action text, p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN action = ANY (rights(p, e)) AND action = ANY (admits(p)) AND e.active
        AND in_reach(p, e.sees_all, e.store_code, e.nik);

-- The problem as it was at an earlier version, as far as rights depend on it: whose right has ended while they were typing is told
-- so, not sent away. Each fact is what it was before the first event since then that changed it.
CREATE FUNCTION problem_at(p problem, seen integer) RETURNS problem LANGUAGE sql STABLE
    RETURN CASE WHEN seen IS NULL OR seen NOT BETWEEN 1 AND p.version - 1 THEN p ELSE (
        SELECT jsonb_populate_record(p, coalesce(jsonb_object_agg(f.name, f.was), '{}') || jsonb_build_object('changed_at', (
                   SELECT v.at FROM event v WHERE v.problem_id = p.id AND v.version = seen AND v.cause <> 'commented')))
          FROM (SELECT DISTINCT ON (c.name) c.name, v.before -> c.fact AS was
                  FROM event v
                  JOIN (VALUES ('status', 'status'), ('division', 'holder_division_code'), ('pic', 'holder_pic_nik'),
                               ('department', 'holder_department_code'), ('confirmed_at', 'confirmed_at')) AS c (fact, name)
                    ON v.before ? c.fact OR v.after ? c.fact
                 WHERE v.problem_id = p.id AND v.version > seen
                 ORDER BY c.name, v.version) f) END;

-- The same for the version before, while it still serves; they go with the next one (docs/decisions/0060).
CREATE OR REPLACE FUNCTION rights(p problem, e employee, holds boolean) RETURNS text[] LANGUAGE sql STABLE
    RETURN rights(p, e);

-- Whether two states of a problem differ in who holds it, and in what it is identified as.
CREATE FUNCTION is_held_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.holder_division_code, a.holder_department_code, a.holder_pic_nik)
           IS DISTINCT FROM (b.holder_division_code, b.holder_department_code, b.holder_pic_nik);
CREATE FUNCTION is_identified_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.category_code, a.impact, a.urgency, a.identification)
           IS DISTINCT FROM (b.category_code, b.impact, b.urgency, b.identification);

-- The transitions of a problem; no others exist.
CREATE OR REPLACE FUNCTION is_transition(before problem, after problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE before.status || ' > ' || after.status
        WHEN 'reported > reported'   THEN is_held_otherwise(before, after)          -- taken over
                                      AND NOT is_identified_otherwise(before, after)
        WHEN 'reported > open'       THEN true                                      -- opened and identified
        WHEN 'reported > void'       THEN true
        WHEN 'open > open'           THEN is_held_otherwise(before, after)          -- taken over
                                       <> is_identified_otherwise(before, after)    -- or corrected
        WHEN 'open > escalated'      THEN true
        WHEN 'open > closed'         THEN after.confirmed_at IS NULL
        WHEN 'open > void'           THEN true
        WHEN 'escalated > escalated' THEN is_identified_otherwise(before, after)    -- corrected
                                      AND NOT is_held_otherwise(before, after)
        WHEN 'escalated > open'      THEN true                                      -- accepted, returned, recalled or taken over
        WHEN 'closed > closed'       THEN before.confirmed_at IS NULL               -- confirmed
                                      AND after.confirmed_at IS NOT NULL
        WHEN 'closed > open'         THEN before.confirmed_at IS NULL               -- reopened
        WHEN 'void > reported'       THEN NOT is_held_otherwise(before, after)      -- restored
        WHEN 'void > open'           THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        ELSE false END;

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

CREATE OR REPLACE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN cause IN ('reported', 'opened', 'corrected', 'escalated', 'accepted', 'returned', 'recalled', 'taken over', 'closed',
                     'confirmed', 'reopened', 'voided', 'restored', 'commented');
