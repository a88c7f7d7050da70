-- Who is let go in portions gets in no more from the first on.

ALTER TABLE employee ADD COLUMN leaving_since timestamptz;

-- Hands over what somebody leaves, who was `before` and is, or is about to be, `after`: at most `portion` of it; how many problems it were,
-- with those that somebody else has closed by then.
-- What they hold as a PIC, and what a division holds of which they are the last active member, goes to the division `sih.heir`, set by the
-- application, or else to the desk, whose last member stays; what is assigned to them is their division's. `sih.actor` did it.
-- Whoever takes several locks takes people first, then divisions, then problems, each in the order of their keys (docs/decisions/0098).
CREATE OR REPLACE FUNCTION hand_over_left(before employee, after employee, portion integer) RETURNS integer LANGUAGE plpgsql AS $$
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
        handed := handed + 1;
        CONTINUE WHEN p.status IN ('closed', 'void');   -- by now
        IF p.holder_division_code = ANY (emptied) OR p.holder_pic_nik = after.nik THEN
            PERFORM hand_over(p.id, heir_code, actor_nik);
        ELSIF p.assignee_nik = after.nik THEN
            was := facts(p);
            UPDATE problem SET assignee_nik = NULL WHERE id = p.id;
            PERFORM record_change(p.id, actor_nik, 'released', was, NULL);
        END IF;
    END LOOP;
    RETURN handed;
END $$;

-- Lets an employee in no longer once nobody needs them: at most `portion` problems that they would leave are handed over in one transaction,
-- the last of them with the end itself. Until then they are there, and nothing is nobody's; but from the first on they are logged out
-- and get in no more. Whether that is done.
CREATE OR REPLACE FUNCTION let_go(nik text, portion integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before employee;
    after employee;
BEGIN
    SELECT * INTO before FROM employee e WHERE e.nik = let_go.nik AND e.active FOR NO KEY UPDATE;
    after := before;
    after.active := false;
    IF before.nik IS NOT NULL AND hand_over_left(before, after, portion) = portion THEN
        UPDATE employee e SET leaving_since = now() WHERE e.nik = let_go.nik AND e.leaving_since IS NULL;
        UPDATE session s SET ended_at = now() WHERE s.nik = let_go.nik AND s.ended_at IS NULL;
        RETURN false;
    END IF;
    UPDATE employee e SET active = false, leaving_since = NULL
     WHERE e.nik = let_go.nik AND (e.active OR e.leaving_since IS NOT NULL);
    RETURN true;
END $$;
