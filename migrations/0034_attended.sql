-- squawk-ignore-file ban-drop-constraint
-- A problem always has somebody who can act on it: what has no such holder any more is handed over. What was allowed stays allowed: the next
-- migration looks. A job brings home what has nobody today.

ALTER TABLE event
    DROP CONSTRAINT event_known_cause,
    DROP CONSTRAINT event_by_whom,
    ADD CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
        'accepted', 'returned', 'recalled', 'taken over', 'handed over', 'closed', 'confirmed', 'auto-confirmed', 'reopened', 'voided',
        'restored', 'commented')) NOT VALID,
    ADD CONSTRAINT event_by_whom CHECK (actor_nik IS NOT NULL OR cause IN ('elapsed', 'released', 'handed over', 'auto-confirmed')) NOT VALID;

ALTER TABLE escalation
    DROP CONSTRAINT escalation_answer,
    DROP CONSTRAINT escalation_known_answer,
    DROP CONSTRAINT escalation_says_why,
    ADD CONSTRAINT escalation_answered CHECK (num_nonnulls(answer, answered_at) IN (0, 2)
                                          AND (answered_by_nik IS NULL OR answer IS NOT NULL)
                                          AND (answered_by_nik IS NOT NULL OR coalesce(answer, 'handed over') = 'handed over')) NOT VALID,
    ADD CONSTRAINT escalation_known_answer CHECK (answer IN ('accepted', 'returned', 'recalled', 'taken over', 'handed over')) NOT VALID,
    ADD CONSTRAINT escalation_says_why CHECK (
        (answer_reason IS NOT NULL) = (coalesce(answer, 'accepted') NOT IN ('accepted', 'handed over'))) NOT VALID;

-- Whether anybody can act on what is held by a division, or by a PIC for a department: an active member, or that PIC.
CREATE FUNCTION is_attended(division_code text, department_code text, pic_nik text) RETURNS boolean LANGUAGE sql STABLE
    RETURN CASE WHEN is_attended.division_code IS NOT NULL
                THEN EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                              WHERE m.division_code = is_attended.division_code AND e.active)
                ELSE EXISTS (SELECT FROM department_pic m JOIN employee e ON e.nik = m.nik
                              WHERE m.nik = is_attended.pic_nik AND m.department_code = is_attended.department_code AND e.active) END;

-- The unfinished problems that nobody can act on. There are none (docs/decisions/0098), or what is wrong is found by this.
CREATE FUNCTION unattended_problems() RETURNS SETOF problem LANGUAGE sql STABLE AS $$
    SELECT p.* FROM problem p
     WHERE p.status IN ('reported', 'open', 'waiting', 'escalated')
       AND NOT is_attended(p.holder_division_code, p.holder_department_code, p.holder_pic_nik)
     ORDER BY p.id
$$;

-- Gives a problem whose holder can act on it no more to a division, or, where that cannot either, to the desk. What it was and what it
-- waits for stays; an escalation that waits for its answer goes on to that division, but ends at the desk, and with who sent it.
CREATE FUNCTION hand_over(problem_id bigint, division_code text, actor_nik text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    x escalation;
    heir division;
    ends boolean;
BEGIN
    SELECT * INTO p FROM problem WHERE id = hand_over.problem_id FOR NO KEY UPDATE;
    SELECT * INTO heir FROM division d
     WHERE d.kind = 'desk'
        OR (d.code = hand_over.division_code AND d.active AND d.code IS DISTINCT FROM p.holder_division_code
            AND is_attended(d.code, NULL, NULL))
     ORDER BY d.kind = 'desk' LIMIT 1;
    IF heir.code IS NOT DISTINCT FROM p.holder_division_code THEN
        RETURN;     -- the desk itself is empty
    END IF;
    UPDATE escalation e SET answer = 'handed over', answered_at = greatest(clock_timestamp(), e.sent_at + interval '1 microsecond'),
                            answered_by_nik = hand_over.actor_nik
     WHERE e.problem_id = p.id AND e.answer IS NULL RETURNING * INTO x;
    ends := heir.kind = 'desk' OR heir.code IS NOT DISTINCT FROM x.from_division_code;
    IF p.status = 'escalated' AND NOT ends THEN
        INSERT INTO escalation (problem_id, kind, from_division_code, from_department_code, from_pic_nik, to_division_code, reason,
                                sent_at, sent_by_nik)
        VALUES (p.id, heir.kind, x.from_division_code, x.from_department_code, x.from_pic_nik, heir.code, x.reason,
                clock_timestamp(), x.sent_by_nik);
    END IF;
    UPDATE problem SET status = CASE WHEN p.status = 'escalated' AND ends THEN 'open' ELSE p.status END,
                       holder_division_code = heir.code, holder_department_code = NULL, holder_pic_nik = NULL
     WHERE id = p.id;
    PERFORM record_change(p.id, actor_nik, 'handed over', facts(p), NULL);
END $$;

-- Hands over what somebody leaves to nobody: what they hold as a PIC, and what a division holds of which they were the last active
-- member. `sih.heir`, set by the application, is the division that gets it; without one it is the desk, whose last member stays.
CREATE FUNCTION hand_over_left(before employee, after employee) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    emptied text[];
    left_id bigint;
BEGIN
    SELECT array_agg(code) INTO emptied FROM (       -- whoever gives something to one of these at this moment is waited for
        SELECT d.code FROM division d
         WHERE before.active AND d.code = ANY (before.divisions) AND NOT (after.active AND d.code = ANY (after.divisions))
         ORDER BY d.code FOR NO KEY UPDATE) d;
    SELECT array_agg(code) INTO emptied FROM unnest(emptied) AS code WHERE NOT is_attended(code, NULL, NULL);
    IF EXISTS (SELECT FROM division d WHERE d.code = ANY (emptied) AND d.kind = 'desk') THEN
        RAISE EXCEPTION 'the last of the desk stays' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'desk_attended';
    END IF;
    FOR left_id IN
        SELECT p.id FROM problem p
         WHERE p.status IN ('reported', 'open', 'waiting', 'escalated')
           AND (p.holder_division_code = ANY (emptied)
                OR (p.holder_pic_nik = after.nik
                    AND NOT is_attended(NULL, p.holder_department_code, p.holder_pic_nik)))
         ORDER BY p.id FOR NO KEY UPDATE LOOP
        PERFORM hand_over(left_id, nullif(current_setting('sih.heir', true), ''), nullif(current_setting('sih.actor', true), ''));
    END LOOP;
END $$;

-- Brings to the desk at most `portion` of the problems that nobody can act on; how many it were.
CREATE FUNCTION bring_home(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    stray_id bigint;
    brought integer := 0;
BEGIN
    FOR stray_id IN
        SELECT p.id FROM unattended_problems() p
          LEFT JOIN division d ON d.code = p.holder_division_code
         WHERE d.kind IS DISTINCT FROM 'desk' LIMIT portion LOOP
        PERFORM hand_over(stray_id, NULL, NULL);
        brought := brought + 1;
    END LOOP;
    RETURN brought;
END $$;

CREATE OR REPLACE FUNCTION is_transition(before problem, after problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN CASE before.status || ' > ' || after.status
        WHEN 'reported > reported'   THEN is_held_otherwise(before, after)          -- taken over
                                      AND NOT is_identified_otherwise(before, after)
        WHEN 'reported > open'       THEN true                                      -- opened and identified
        WHEN 'reported > void'       THEN true
        WHEN 'open > open'           THEN CASE WHEN is_held_otherwise(before, after)        -- taken over,
                                               THEN NOT is_identified_otherwise(before, after)
                                               ELSE is_identified_otherwise(before, after)  -- corrected,
                                                 <> is_assigned_otherwise(before, after) END  -- or assigned
        WHEN 'open > waiting'        THEN NOT is_held_otherwise(before, after) AND NOT is_assigned_otherwise(before, after)
                                      AND NOT is_identified_otherwise(before, after)
        WHEN 'open > escalated'      THEN true
        WHEN 'open > closed'         THEN after.confirmed_at IS NULL
        WHEN 'open > void'           THEN true
        WHEN 'waiting > waiting'     THEN NOT is_waiting_otherwise(before, after)
                                      AND CASE WHEN is_held_otherwise(before, after)        -- handed over,
                                               THEN NOT is_identified_otherwise(before, after)
                                               ELSE is_identified_otherwise(before, after)  -- corrected,
                                                 <> is_assigned_otherwise(before, after) END  -- or assigned
        WHEN 'waiting > open'        THEN NOT is_identified_otherwise(before, after)  -- resumed or taken over
                                      AND is_held_otherwise(before, after) >= is_assigned_otherwise(before, after)
        WHEN 'waiting > escalated'   THEN true
        WHEN 'waiting > closed'      THEN after.confirmed_at IS NULL
        WHEN 'waiting > void'        THEN true
        WHEN 'escalated > escalated' THEN is_identified_otherwise(before, after)    -- corrected
                                       <> is_held_otherwise(before, after)          -- or handed over
        WHEN 'escalated > open'      THEN true                                      -- accepted, returned, recalled or taken over
        WHEN 'closed > closed'       THEN before.confirmed_at IS NULL               -- confirmed
                                      AND after.confirmed_at IS NOT NULL
        WHEN 'closed > open'         THEN before.confirmed_at IS NULL               -- reopened
        WHEN 'void > reported'       THEN NOT is_held_otherwise(before, after)      -- restored
        WHEN 'void > open'           THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        WHEN 'void > waiting'        THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        ELSE false END;

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

CREATE OR REPLACE FUNCTION employee_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE by_whom jsonb := jsonb_strip_nulls(jsonb_build_object('by', nullif(current_setting('sih.actor', true), '')));
BEGIN
    UPDATE session SET ended_at = now() WHERE nik = NEW.nik AND ended_at IS NULL;
    PERFORM hand_over_left(OLD, NEW);
    PERFORM release_assignments(NEW.nik);
    IF OLD.active AND NOT NEW.active THEN
        -- Not of the colleagues either: whoever leaves may have kept its id. The next login makes it known again.
        DELETE FROM device WHERE id_hash IN (SELECT d.id_hash FROM device d WHERE d.nik = NEW.nik);
    END IF;
    IF OLD.active <> NEW.active THEN
        PERFORM note_security_event(CASE WHEN NEW.active THEN 'activated' ELSE 'deactivated' END, NEW.nik, NULL, by_whom);
    END IF;
    IF rights_of(OLD) <> rights_of(NEW) THEN
        PERFORM note_security_event('scope changed', NEW.nik, NULL, by_whom || jsonb_build_object(
            'before', differing(rights_of(OLD), rights_of(NEW)), 'after', differing(rights_of(NEW), rights_of(OLD))));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN cause IN ('reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
                     'accepted', 'returned', 'recalled', 'taken over', 'handed over', 'closed', 'confirmed', 'reopened', 'voided',
                     'restored', 'commented');

INSERT INTO job (kind) VALUES ('attendance');
