-- squawk-ignore-file ban-drop-constraint, ban-drop-not-null
-- A problem waits for somebody or something, until a time if that is known, and is assigned to one of the division that holds it. Custody says
-- both for every minute. What was allowed stays allowed: the next migration looks.

ALTER TABLE problem
    ADD COLUMN assignee_nik text,
    ADD COLUMN waiting_for text,
    ADD COLUMN waiting_until timestamptz,
    DROP CONSTRAINT problem_status_check,
    ADD CONSTRAINT problem_known_status CHECK (status IN ('reported', 'open', 'waiting', 'escalated', 'closed', 'void')) NOT VALID,
    ADD CONSTRAINT problem_waits CHECK ((waiting_for IS NOT NULL) = (status = 'waiting')
                                        AND (waiting_until IS NULL OR status = 'waiting')) NOT VALID,
    ADD CONSTRAINT problem_waits_for CHECK (waiting_for IN ('reporter', 'vendor', 'part', 'visit', 'other')) NOT VALID,
    ADD CONSTRAINT problem_assignee FOREIGN KEY (assignee_nik) REFERENCES employee NOT VALID,
    ADD CONSTRAINT problem_assigned CHECK (
        assignee_nik IS NULL OR (holder_division_code IS NOT NULL AND status NOT IN ('reported', 'escalated'))) NOT VALID;

ALTER TABLE custody
    ADD COLUMN assignee_nik text,
    ADD COLUMN waiting_for text,
    ADD CONSTRAINT custody_assignee FOREIGN KEY (assignee_nik) REFERENCES employee NOT VALID,
    ADD CONSTRAINT custody_assigned CHECK (assignee_nik IS NULL OR division_code IS NOT NULL) NOT VALID,
    ADD CONSTRAINT custody_waits_for CHECK (waiting_for IN ('reporter', 'vendor', 'part', 'visit', 'other')) NOT VALID;

ALTER TABLE event
    ALTER COLUMN actor_nik DROP NOT NULL,
    DROP CONSTRAINT event_known_cause,
    DROP CONSTRAINT event_says_why,
    ADD CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
        'accepted', 'returned', 'recalled', 'taken over', 'closed', 'confirmed', 'reopened', 'voided', 'restored', 'commented')) NOT VALID,
    ADD CONSTRAINT event_says_why CHECK (
        note IS NOT NULL OR cause NOT IN ('paused', 'escalated', 'returned', 'recalled', 'taken over', 'voided')) NOT VALID,
    ADD CONSTRAINT event_by_whom CHECK (actor_nik IS NOT NULL OR cause IN ('elapsed', 'released')) NOT VALID;

-- Who a problem can be assigned to: the members of the division that holds it. A PIC holds it alone.
CREATE FUNCTION is_assignable(p problem, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN e.active AND p.holder_division_code IS NOT NULL AND is_holder(p, e);

-- What the list is narrowed to; NULL stands for all, 'unfinished' for the statuses of what is neither closed nor void. `mine` is the
-- NIK of a person and `my_divisions` their divisions: assigned to them, held by them as PIC, or by a division of theirs and assigned
-- to nobody. `patterns` are LIKE patterns that must all be found, the first of them repeated where an index can see it; `number` finds
-- a problem by its number, whatever its text.
CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, mine text,
                          my_divisions text[], store_code text, priority integer, reporter_nik text, patterns text[],
                          number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year OR p.id = number)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (mine IS NULL OR p.assignee_nik = mine OR p.holder_pic_nik = mine
            OR (p.holder_division_code = ANY (my_divisions) AND p.assignee_nik IS NULL))
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text LIKE patterns[1] AND (patterns[2] IS NULL OR p.search_text LIKE patterns[2])
                AND (patterns[3] IS NULL OR p.search_text LIKE patterns[3]) AND p.search_text LIKE ALL (patterns)))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'waiting', 'escalated')
                                     ELSE p.status = in_filter.status END);

-- What a person may do with a problem. Outside of it: 403.
CREATE OR REPLACE FUNCTION rights(p problem, e employee) RETURNS text[] LANGUAGE sql STABLE
    RETURN array_remove(ARRAY[
        'comment',
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

-- The problem as it was at an earlier version, as far as rights depend on it: whose right has ended while they were typing is told
-- so, not sent away. Each fact is what it was before the first event since then that changed it.
CREATE OR REPLACE FUNCTION problem_at(p problem, seen integer) RETURNS problem LANGUAGE sql STABLE
    RETURN CASE WHEN seen IS NULL OR seen NOT BETWEEN 1 AND p.version - 1 THEN p ELSE (
        SELECT jsonb_populate_record(p, coalesce(jsonb_object_agg(f.name, f.was), '{}') || jsonb_build_object('changed_at', (
                   SELECT v.at FROM event v WHERE v.problem_id = p.id AND v.version = seen AND v.cause <> 'commented')))
          FROM (SELECT DISTINCT ON (c.name) c.name, v.before -> c.fact AS was
                  FROM event v
                  JOIN (VALUES ('status', 'status'), ('division', 'holder_division_code'), ('pic', 'holder_pic_nik'),
                               ('department', 'holder_department_code'), ('assignee', 'assignee_nik'),
                               ('confirmed_at', 'confirmed_at')) AS c (fact, name)
                    ON v.before ? c.fact OR v.after ? c.fact
                 WHERE v.problem_id = p.id AND v.version > seen
                 ORDER BY c.name, v.version) f) END;

-- What of a problem can change, as its history tells it.
CREATE OR REPLACE FUNCTION facts(p problem) RETURNS jsonb LANGUAGE sql IMMUTABLE
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'status', p.status, 'division', p.holder_division_code, 'department', p.holder_department_code,
        'pic', p.holder_pic_nik, 'assignee', p.assignee_nik, 'waiting_for', p.waiting_for,
        'waiting_until', p.waiting_until, 'category', p.category_code, 'impact', p.impact, 'urgency', p.urgency,
        'priority', p.priority, 'identification', p.identification, 'solution', p.solution,
        'confirmed_at', p.confirmed_at));

CREATE FUNCTION is_assigned_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN a.assignee_nik IS DISTINCT FROM b.assignee_nik;

CREATE FUNCTION is_waiting_otherwise(a problem, b problem) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (a.waiting_for, a.waiting_until) IS DISTINCT FROM (b.waiting_for, b.waiting_until);

-- The transitions of a problem; no others exist.
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
        WHEN 'waiting > waiting'     THEN NOT is_held_otherwise(before, after) AND NOT is_waiting_otherwise(before, after)
                                      AND is_identified_otherwise(before, after)    -- corrected
                                       <> is_assigned_otherwise(before, after)      -- or assigned
        WHEN 'waiting > open'        THEN NOT is_identified_otherwise(before, after)  -- resumed or taken over
                                      AND is_held_otherwise(before, after) >= is_assigned_otherwise(before, after)
        WHEN 'waiting > escalated'   THEN true
        WHEN 'waiting > closed'      THEN after.confirmed_at IS NULL
        WHEN 'waiting > void'        THEN true
        WHEN 'escalated > escalated' THEN is_identified_otherwise(before, after)    -- corrected
                                      AND NOT is_held_otherwise(before, after)
        WHEN 'escalated > open'      THEN true                                      -- accepted, returned, recalled or taken over
        WHEN 'closed > closed'       THEN before.confirmed_at IS NULL               -- confirmed
                                      AND after.confirmed_at IS NOT NULL
        WHEN 'closed > open'         THEN before.confirmed_at IS NULL               -- reopened
        WHEN 'void > reported'       THEN NOT is_held_otherwise(before, after)      -- restored
        WHEN 'void > open'           THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        WHEN 'void > waiting'        THEN NOT is_held_otherwise(before, after) AND NOT is_identified_otherwise(before, after)
        ELSE false END;

-- Whether who a problem is assigned to stays so, or becomes it: nobody is who works for another holder; and whom an ended problem
-- comes back to can still work on it. Raises an error for whoever it cannot be assigned to.
CREATE FUNCTION keeps_assignee(before problem, after problem) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    is_back boolean := before.status IN ('closed', 'void') AND after.status NOT IN ('closed', 'void');
    can_work boolean;
BEGIN
    IF after.assignee_nik IS NULL OR is_held_otherwise(before, after) OR after.status IN ('reported', 'escalated') THEN
        RETURN false;
    END IF;
    IF NOT is_back AND NOT is_assigned_otherwise(before, after) THEN
        RETURN true;
    END IF;
    SELECT is_assignable(after, e) INTO can_work FROM employee e WHERE e.nik = after.assignee_nik;
    IF NOT can_work AND NOT is_back THEN
        RAISE EXCEPTION 'not of the holder' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN can_work;
END $$;

-- A change: one step up in version, one of the transitions, strictly later than the one before (also if the clock steps back).
CREATE OR REPLACE FUNCTION problem_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE compared problem := NEW;
BEGIN
    compared.search_text := OLD.search_text;
    compared.priority := OLD.priority;          -- generated, and not yet
    IF compared IS NOT DISTINCT FROM OLD AND NEW.search_text <> OLD.search_text THEN
        RETURN NEW;                             -- only what is searched
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

CREATE OR REPLACE FUNCTION problem_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted text := coalesce(substr(NEW.search_text, nullif(strpos(NEW.search_text, E'\n'), 0) + 1), '');
BEGIN
    SELECT searchable(concat_ws(' ', NEW.title, NEW.description, NEW.asset_text, a.tag, a.name, r.nik, r.name, s.code, s.name,
                                d.code, d.name, t.code, t.name, i.nik, i.name, w.nik, w.name, c.code, c.name, NEW.identification,
                                NEW.solution))
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
     WHERE r.nik = NEW.reporter_nik;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION custody_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT upper_inf(OLD.during) OR lower(NEW.during) <> lower(OLD.during)
       OR (NEW.problem_id, NEW.division_code, NEW.department_code, NEW.pic_nik, NEW.assignee_nik, NEW.waiting_for)
          IS DISTINCT FROM
          (OLD.problem_id, OLD.division_code, OLD.department_code, OLD.pic_nik, OLD.assignee_nik, OLD.waiting_for) THEN
        RAISE EXCEPTION 'custody is only ever ended' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
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

-- What goes with every change of a problem, after it: its event, as the difference between the facts `before` and the present; and
-- custody, which ends where it is another's now or the problem's end, and begins anew. Nobody is `actor_nik` of what happens by itself.
CREATE FUNCTION record_change(problem_id bigint, actor_nik text, cause text, before jsonb, note text) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;

-- Takes from a person the unfinished problems that they can no longer work on: they are their division's again. Whoever changes what
-- somebody is sees to it; `sih.actor`, set by the application, is who did that.
CREATE FUNCTION release_assignments(nik text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    before jsonb;
BEGIN
    FOR p IN SELECT q.* FROM problem q JOIN employee e ON e.nik = q.assignee_nik
              WHERE q.assignee_nik = release_assignments.nik AND q.status IN ('open', 'waiting') AND NOT is_assignable(q, e)
              ORDER BY q.id FOR NO KEY UPDATE OF q LOOP
        before := facts(p);
        UPDATE problem SET assignee_nik = NULL WHERE id = p.id;
        PERFORM record_change(p.id, nullif(current_setting('sih.actor', true), ''), 'released', before, NULL);
    END LOOP;
END $$;

-- Since when a problem is in the hands that it is in, whoever of them worked on it and whatever it waited for; and how long of that it
-- waited. NULL once it has ended.
CREATE FUNCTION held_since(problem_id bigint) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN (SELECT max(lower(k.during)) FILTER (WHERE NOT k.continues) FROM (
                SELECT c.during, coalesce(lag(upper(c.during)) OVER w = lower(c.during)
                           AND lag((c.division_code, c.pic_nik)::text) OVER w = (c.division_code, c.pic_nik)::text, false) AS continues,
                       bool_or(upper_inf(c.during)) OVER () AS is_held
                  FROM custody c WHERE c.problem_id = held_since.problem_id WINDOW w AS (ORDER BY c.during)) k
             WHERE k.is_held);

CREATE FUNCTION waited_since(problem_id bigint, since timestamptz) RETURNS interval LANGUAGE sql STABLE
    RETURN (SELECT sum(coalesce(upper(c.during), now()) - lower(c.during)) FROM custody c
             WHERE c.problem_id = waited_since.problem_id AND c.waiting_for IS NOT NULL AND lower(c.during) >= since);

CREATE OR REPLACE FUNCTION is_read_by_all(cause text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN cause IN ('reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
                     'accepted', 'returned', 'recalled', 'taken over', 'closed', 'confirmed', 'reopened', 'voided', 'restored',
                     'commented');

CREATE OR REPLACE FUNCTION renew_search(of text, code text, before bigint, portion integer) RETURNS bigint LANGUAGE plpgsql AS $$
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
                       WHEN 'employee' THEN code IN (p.reporter_nik, p.holder_pic_nik, p.assignee_nik)
                       WHEN 'asset' THEN p.asset_tag = code
                       WHEN 'division' THEN p.holder_division_code = code
                       WHEN 'department' THEN p.holder_department_code = code
                       WHEN 'category' THEN p.category_code = code END;
    END IF;
    RETURN CASE WHEN lowest > 1 THEN lowest END;
END $$;

CREATE OR REPLACE FUNCTION employee_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE by_whom jsonb := jsonb_strip_nulls(jsonb_build_object('by', nullif(current_setting('sih.actor', true), '')));
BEGIN
    UPDATE session SET ended_at = now() WHERE nik = NEW.nik AND ended_at IS NULL;
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
