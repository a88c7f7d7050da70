-- What a page of a problem asks at every look is asked once, and writes nothing to the problem.

-- What a person may do with a problem. Outside of it: 403. In PL/pgSQL, which keeps its plans, and looks once at what several depend on.
CREATE OR REPLACE FUNCTION rights(p problem, e employee) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    holds boolean := is_holder(p, e);
    desk boolean := e.divisions <> '{}' AND EXISTS (SELECT FROM division d WHERE d.code = ANY (e.divisions) AND d.kind = 'desk');
    passed_on boolean := p.status = 'escalated' AND is_sender(p, e);
    of_store boolean := e.nik = p.reporter_nik OR e.store_code = p.store_code;
BEGIN
    RETURN array_remove(ARRAY[
        'comment',
        CASE WHEN 'handler' = ANY (e.scopes) THEN 'note' END,
        CASE WHEN reads_notes(e) THEN 'note reading' END,
        CASE WHEN holds OR desk THEN 'opening' END,
        CASE WHEN holds OR desk THEN 'correction' END,
        CASE WHEN holds OR desk THEN 'assignment' END,
        CASE WHEN is_assignable(p, e) AND p.assignee_nik IS DISTINCT FROM e.nik THEN 'taking' END,
        CASE WHEN holds OR desk THEN 'waiting' END,
        CASE WHEN holds OR desk THEN 'resumption' END,
        CASE WHEN holds THEN 'escalation' END,
        CASE WHEN holds THEN 'answer' END,
        CASE WHEN passed_on THEN 'recall' END,
        CASE WHEN desk AND NOT holds THEN 'takeover' END,
        CASE WHEN holds THEN 'closure' END,
        CASE WHEN holds OR (p.reporter_nik = e.nik AND p.status = 'reported') THEN 'voiding' END,
        CASE WHEN desk THEN 'restoration' END,
        CASE WHEN of_store THEN 'confirmation' END,
        CASE WHEN of_store OR (holds AND p.status = 'closed' AND p.confirmed_at IS NULL) THEN 'reopening' END], NULL);
END $$;

CREATE OR REPLACE FUNCTION may(action text, p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN e.active AND in_reach(p, e.sees_all, e.store_code, e.nik) AND action = ANY (admits(p)) AND action = ANY (rights(p, e));

-- How long somebody has had a problem; and, while somebody has it, how long its holder has, whoever of them worked on it, and how long of
-- that it waited.
CREATE FUNCTION held(problem_id bigint, OUT age interval, OUT held_for interval, OUT waited_for interval) LANGUAGE plpgsql STABLE AS $$
DECLARE
    c custody;
    later custody;          -- the row after it
    is_present boolean;     -- whether it is of the time that the holder of now has had it
BEGIN
    FOR c IN SELECT * FROM custody u WHERE u.problem_id = held.problem_id ORDER BY u.during DESC LOOP
        is_present := CASE WHEN later IS NULL THEN upper_inf(c.during)
                           ELSE is_present AND upper(c.during) = lower(later.during)
                                AND (c.division_code, c.department_code, c.pic_nik)
                                    IS NOT DISTINCT FROM (later.division_code, later.department_code, later.pic_nik) END;
        age := coalesce(age, '0') + (coalesce(upper(c.during), now()) - lower(c.during));
        IF is_present THEN
            held_for := now() - lower(c.during);
            IF c.waiting_for IS NOT NULL THEN
                waited_for := coalesce(waited_for, '0') + (coalesce(upper(c.during), now()) - lower(c.during));
            END IF;
        END IF;
        later := c;
    END LOOP;
END $$;

-- Meant: no problem and no employee is ever deleted, and the version before writes none that there is not.
-- squawk-ignore ban-drop-constraint
ALTER TABLE presence DROP CONSTRAINT presence_problem_id_fkey, DROP CONSTRAINT presence_nik_fkey;
