-- squawk-ignore-file ban-drop-function
-- A form is recorded and done by one statement; what goes with every change costs less.

-- Counts what a change of a problem, whose event and custody are written, adds to the numbers; and counts otherwise what it added
-- before, if it is identified otherwise now. Of this one event it says what movements_of says of any, from what is known of it here.
CREATE FUNCTION count_change(p problem, cause text, before jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    was_held boolean := coalesce(before ->> 'status' NOT IN ('closed', 'void'), false);
    is_held boolean := p.status NOT IN ('closed', 'void');
    giver text := coalesce(before ->> 'division', before ->> 'department');
    taker text := coalesce(p.holder_division_code, p.holder_department_code);
    kinds text[];
    c custody;
    since timestamptz := p.changed_at;      -- from when on the giver had it without a break
    waited interval := '0';
BEGIN
    IF (before ->> 'category', before ->> 'priority') IS DISTINCT FROM (p.category_code, p.priority::text) THEN
        UPDATE movement m SET category_code = p.category_code, priority = p.priority
         WHERE m.problem_id = p.id AND (m.category_code, m.priority) IS DISTINCT FROM (p.category_code, p.priority);
    END IF;
    kinds := array_remove(ARRAY[
        CASE WHEN cause IN ('reported', 'reopened', 'restored') AND NOT was_held AND is_held THEN cause END,
        CASE WHEN cause IN ('opened', 'returned', 'confirmed') THEN cause WHEN cause = 'auto-confirmed' THEN 'auto_confirmed' END,
        CASE WHEN is_held AND CASE WHEN was_held THEN taker <> giver ELSE cause <> 'reopened' END THEN 'received' END,
        CASE WHEN is_held AND was_held AND taker <> giver THEN 'passed_on' END,
        CASE WHEN cause IN ('closed', 'voided') AND was_held AND NOT is_held THEN cause END], NULL);
    IF kinds = '{}' THEN
        RETURN;
    END IF;
    IF kinds && ARRAY['passed_on', 'closed', 'voided'] THEN
        FOR c IN SELECT * FROM custody k WHERE k.problem_id = p.id AND upper(k.during) <= p.changed_at ORDER BY k.during DESC LOOP
            EXIT WHEN upper(c.during) <> since OR coalesce(c.division_code, c.department_code) <> giver;
            since := lower(c.during);
            IF c.waiting_for IS NOT NULL THEN
                waited := waited + (upper(c.during) - lower(c.during));
            END IF;
        END LOOP;
    END IF;
    INSERT INTO movement
    SELECT p.id, p.version, k.kind, date_trunc('month', p.changed_at AT TIME ZONE s.time_zone)::date, p.changed_at,
           CASE WHEN k.kind IN ('reported', 'received', 'reopened', 'restored') THEN taker ELSE giver END,
           p.store_code, p.category_code, p.priority,
           CASE WHEN k.ends THEN p.changed_at - since - waited END, CASE WHEN k.ends THEN waited END
      FROM store s, LATERAL (SELECT u AS kind, u IN ('passed_on', 'closed', 'voided') AS ends FROM unnest(kinds) AS u) k
     WHERE s.code = p.store_code;
END $$;

CREATE OR REPLACE FUNCTION is_attended(division_code text, department_code text, pic_nik text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF is_attended.division_code IS NOT NULL THEN
        RETURN EXISTS (SELECT FROM division_member m JOIN employee e ON e.nik = m.nik
                        WHERE m.division_code = is_attended.division_code AND e.active);
    END IF;
    RETURN EXISTS (SELECT FROM department_pic m JOIN employee e ON e.nik = m.nik
                    WHERE m.nik = is_attended.pic_nik AND m.department_code = is_attended.department_code AND e.active);
END $$;

CREATE OR REPLACE FUNCTION record_change(problem_id bigint, actor_nik text, cause text, before jsonb, note text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    present jsonb;
    is_new boolean := before = '{}';    -- it was just reported
BEGIN
    SELECT * INTO p FROM problem WHERE id = record_change.problem_id;
    present := facts(p);
    INSERT INTO event (problem_id, at, actor_nik, cause, version, before, after, note)
    VALUES (p.id, p.changed_at, actor_nik, cause, p.version, CASE WHEN is_new THEN '{}' ELSE differing(before, present) END,
            CASE WHEN is_new THEN present ELSE differing(present, before) END, note);
    UPDATE custody c SET during = tstzrange(lower(c.during), p.changed_at)
     WHERE NOT is_new AND c.problem_id = p.id AND upper_inf(c.during)
       AND (p.status IN ('closed', 'void')
            OR (c.division_code, c.department_code, c.pic_nik, c.assignee_nik, c.waiting_for) IS DISTINCT FROM
               (p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik, p.waiting_for));
    IF p.status NOT IN ('closed', 'void')
       AND (is_new OR NOT EXISTS (SELECT FROM custody c WHERE c.problem_id = p.id AND upper_inf(c.during))) THEN
        INSERT INTO custody (problem_id, during, division_code, department_code, pic_nik, assignee_nik, waiting_for)
        VALUES (p.id, tstzrange(p.changed_at, NULL), p.holder_division_code, p.holder_department_code, p.holder_pic_nik,
                p.assignee_nik, p.waiting_for);
    END IF;
    PERFORM count_change(p, cause, before);
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

DROP FUNCTION count_change(problem, jsonb);

-- Records a form (idempotency key) with where its answer leads; false if a transaction that came first has done so, which is waited for.
CREATE FUNCTION record_form(key uuid, nik text, digest bytea, location text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submission (key, nik, digest, location) VALUES (key, nik, digest, location)
        ON CONFLICT ON CONSTRAINT submission_pkey DO NOTHING;
    RETURN FOUND;
END $$;

-- What was kept of a form counts no more: the draft before its files, as everywhere, so that of two none waits for the other one's.
CREATE FUNCTION forget_form(key uuid, nik text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM draft d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
    DELETE FROM draft_photo d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
    DELETE FROM draft_file d WHERE d.nik = forget_form.nik AND d.key = forget_form.key;
END $$;

-- Begins a change of what was seen as `version`, by a form: what the problem was before; NULL if it is that no more, or if the person may not.
CREATE FUNCTION begin_change(key uuid, nik text, digest bytea, problem_id bigint, version integer, right_name text,
                             OUT is_first boolean, OUT before jsonb) LANGUAGE plpgsql AS $$
BEGIN
    is_first := record_form(key, nik, digest, '/problems/' || problem_id);
    -- NO KEY: two forms may have referred to the problem above; a stronger lock would have each wait for the other.
    SELECT facts(p) INTO before FROM problem p, employee e
     WHERE is_first AND p.id = problem_id AND p.version = begin_change.version AND e.nik = begin_change.nik AND may(right_name, p, e)
       FOR NO KEY UPDATE OF p;
END $$;

-- A report, by a form, in the custody of the desk: the number of the problem; NULL if the form was recorded before. What was kept of the
-- form goes, unless it `has_files`, which are still to be taken from there.
CREATE FUNCTION report_problem(key uuid, nik text, digest bytea, reporter_nik text, title text, description text, asset_tag text,
                               asset_text text, has_files boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE problem_id bigint;
BEGIN
    IF NOT record_form(key, nik, digest, '/problems') THEN
        RETURN NULL;
    END IF;
    INSERT INTO problem (reporter_nik, recorded_by_nik, store_code, title, description, asset_tag, asset_text, holder_division_code)
    SELECT e.nik, report_problem.nik, e.store_code, report_problem.title, report_problem.description, report_problem.asset_tag,
           report_problem.asset_text, d.code
      FROM employee e, division d WHERE e.nik = report_problem.reporter_nik AND d.kind = 'desk'
    RETURNING id INTO problem_id;
    UPDATE submission s SET location = '/problems/' || problem_id WHERE s.key = report_problem.key;
    PERFORM record_change(problem_id, nik, 'reported', '{}', NULL);
    IF NOT has_files THEN
        PERFORM forget_form(key, nik);
    END IF;
    RETURN problem_id;
END $$;

-- A comment, by a form: its number in the history; NULL if the person may not. A problem that waits for its reporter goes on when the
-- reporter, or somebody of that store, has said something; a holder who works there says nothing that was waited for.
CREATE FUNCTION comment_on(key uuid, nik text, digest bytea, problem_id bigint, said text, has_files boolean,
                           OUT is_first boolean, OUT event_seq integer) LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    e employee;
BEGIN
    is_first := record_form(key, nik, digest, '/problems/' || problem_id);
    SELECT * INTO e FROM employee a WHERE a.nik = comment_on.nik;
    SELECT * INTO p FROM problem q WHERE is_first AND q.id = comment_on.problem_id AND may('comment', q, e) FOR NO KEY UPDATE;
    IF p.id IS NULL THEN
        DELETE FROM submission s WHERE is_first AND s.key = comment_on.key;     -- what was not done is not recorded
        RETURN;
    END IF;
    INSERT INTO event (problem_id, actor_nik, cause, version, note) VALUES (p.id, e.nik, 'commented', p.version, said)
    RETURNING seq INTO event_seq;
    IF NOT has_files THEN
        PERFORM forget_form(key, nik);
    END IF;
    IF p.status = 'waiting' AND p.waiting_for = 'reporter'
       AND (p.reporter_nik = e.nik OR (p.store_code = e.store_code AND NOT is_holder(p, e))) THEN
        UPDATE problem SET status = 'open' WHERE id = p.id;
        PERFORM record_change(p.id, e.nik, 'replied', facts(p), NULL);
    END IF;
END $$;
