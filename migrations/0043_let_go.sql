-- squawk-ignore-file ban-drop-function
-- Who leaves hands over in portions what would be too much for one transaction, and locks are taken in one order. The jobs of waits that
-- ended early go with the wait, those that are there now at once.

-- The same of a division, by somebody other than `nik`.
CREATE FUNCTION is_attended_without(division_code text, nik text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                    WHERE m.division_code = is_attended_without.division_code AND e.active AND e.nik <> is_attended_without.nik);

-- Gives a problem whose holder can act on it no more to a division; without one, or where that has it already, to the desk. What it was
-- and what it waits for stays; an escalation that waits for its answer goes on to that division, but ends at the desk, and with who sent it.
CREATE OR REPLACE FUNCTION hand_over(problem_id bigint, division_code text, actor_nik text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    x escalation;
    heir division;
    ends boolean;
BEGIN
    SELECT * INTO p FROM problem WHERE id = hand_over.problem_id FOR NO KEY UPDATE;
    SELECT * INTO heir FROM division d
     WHERE d.kind = 'desk'
        OR (d.code = hand_over.division_code AND d.active AND d.code IS DISTINCT FROM p.holder_division_code)
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

-- Hands over what somebody leaves, who was `before` and is, or is about to be, `after`: at most `portion` of it; how many problems it were.
-- What they hold as a PIC, and what a division holds of which they are the last active member, goes to the division `sih.heir`, set by the
-- application, or else to the desk, whose last member stays; what is assigned to them is their division's. `sih.actor` did it.
-- Whoever takes several locks takes people first, then divisions, then problems, each in the order of their keys (docs/decisions/0098).
CREATE FUNCTION hand_over_left(before employee, after employee, portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    actor_nik text := nullif(current_setting('sih.actor', true), '');
    heir_code text := nullif(current_setting('sih.heir', true), '');
    emptied text[];
    p problem;
    was jsonb;
    handed integer := 0;
BEGIN
    emptied := ARRAY(SELECT code FROM unnest(before.divisions) AS code
                      WHERE before.active AND NOT (after.active AND code = ANY (after.divisions)));
    PERFORM FROM division d         -- whoever gives something to one of these at this moment is waited for
     WHERE d.code = ANY (emptied) OR (d.code = heir_code AND d.kind <> 'desk') ORDER BY d.code FOR NO KEY UPDATE;
    emptied := ARRAY(SELECT code FROM unnest(emptied) AS code WHERE NOT is_attended_without(code, after.nik));
    IF EXISTS (SELECT FROM division d WHERE d.code = ANY (emptied) AND d.kind = 'desk') THEN
        RAISE EXCEPTION 'the last of the desk stays' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'desk_attended';
    END IF;
    IF NOT is_attended_without(heir_code, after.nik) THEN
        heir_code := NULL;
    END IF;
    FOR p IN SELECT q.* FROM problem q WHERE q.id IN (
                    SELECT h.id FROM problem h
                     WHERE h.holder_division_code = ANY (emptied) AND h.status IN ('reported', 'open', 'waiting', 'escalated')
                    UNION
                    SELECT h.id FROM problem h WHERE h.holder_pic_nik = after.nik AND h.status IN ('open', 'waiting', 'escalated')
                       AND NOT (after.active AND h.holder_department_code = ANY (after.departments))
                    UNION
                    SELECT a.id FROM problem a
                     WHERE a.assignee_nik = after.nik AND a.status IN ('open', 'waiting') AND NOT is_assignable(a, after))
              ORDER BY q.id LIMIT portion FOR NO KEY UPDATE LOOP
        CONTINUE WHEN p.status IN ('closed', 'void');   -- by now
        IF p.holder_division_code = ANY (emptied) OR p.holder_pic_nik = after.nik THEN
            PERFORM hand_over(p.id, heir_code, actor_nik);
        ELSIF p.assignee_nik = after.nik THEN
            was := facts(p);
            UPDATE problem SET assignee_nik = NULL WHERE id = p.id;
            PERFORM record_change(p.id, actor_nik, 'released', was, NULL);
        END IF;
        handed := handed + 1;
    END LOOP;
    RETURN handed;
END $$;

-- Lets an employee in no longer once nobody needs them: at most `portion` problems that they would leave are handed over in one transaction,
-- the last of them with the end itself. Until then they are there, and nothing is nobody's. Whether that is done.
CREATE FUNCTION let_go(nik text, portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before employee;
    after employee;
BEGIN
    SELECT * INTO before FROM employee e WHERE e.nik = let_go.nik AND e.active FOR NO KEY UPDATE;
    after := before;
    after.active := false;
    IF before.nik IS NOT NULL AND hand_over_left(before, after, portion) = portion THEN
        RETURN false;
    END IF;
    UPDATE employee e SET active = false WHERE e.nik = let_go.nik AND e.active;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION employee_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE by_whom jsonb := jsonb_strip_nulls(jsonb_build_object('by', nullif(current_setting('sih.actor', true), '')));
BEGIN
    UPDATE session SET ended_at = now() WHERE nik = NEW.nik AND ended_at IS NULL;
    PERFORM hand_over_left(OLD, NEW, NULL);
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

DROP FUNCTION hand_over_left(employee, employee);
DROP FUNCTION release_assignments(text);

-- A wait that ends, however, needs no job any more that ends it. The one that is at it ends it at this moment, or finds nothing to do.
CREATE FUNCTION forget_resumption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM job WHERE id IN (SELECT j.id FROM job j WHERE j.kind = 'resumption' AND (j.arguments ->> 'problem_id')::bigint = NEW.id
                                    FOR UPDATE SKIP LOCKED);
    RETURN NULL;
END $$;
CREATE TRIGGER problem_wait_ended AFTER UPDATE ON problem FOR EACH ROW
    WHEN (OLD.waiting_until IS NOT NULL AND NEW.waiting_until IS DISTINCT FROM OLD.waiting_until) EXECUTE FUNCTION forget_resumption();

DELETE FROM job WHERE id IN (
    SELECT j.id FROM job j
     WHERE j.kind = 'resumption' AND NOT EXISTS (
               SELECT FROM problem p WHERE p.id = (j.arguments ->> 'problem_id')::bigint
                                       AND p.waiting_until = (j.arguments ->> 'until')::timestamptz)
       FOR UPDATE SKIP LOCKED);
