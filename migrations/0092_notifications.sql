-- Notifications: what is to be told, and was (outbox).

-- What is to be told: a row in the transaction of what happened, an event, a note or an alarm; whoever tells it deletes the row. As
-- everywhere here, nothing is referred to: it is never deleted, and a reference would lock rows that everybody else is at.
CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    problem_id  bigint NOT NULL,
    event_seq   integer,
    note_seq    integer,
    alarm       text,                           -- as alarm_name has it
    CONSTRAINT outbox_of_one_thing CHECK (num_nonnulls(event_seq, note_seq, alarm) = 1)
);

-- Clock, step, allowance and holder: what an alarm is known by beside its problem.
CREATE FUNCTION alarm_name(a target_alarm) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN a.clock || ':' || a.step || ':' || a.allowed || ':' || a.holder;

-- What somebody was told, once of each thing; a kind is a row of SPEC's table.
CREATE TABLE notification (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    nik         text NOT NULL,
    problem_id  bigint NOT NULL,
    kind        text NOT NULL CONSTRAINT notification_kind CHECK (
        kind IN ('reached', 'assigned', 'returned', 'withdrawn', 'commented', 'mentioned', 'outcome', 'reopened', 'target')),
    event_seq   integer,
    note_seq    integer,
    alarm       text,
    at          timestamptz NOT NULL,           -- when it happened
    read_at     timestamptz,
    PRIMARY KEY (nik, id),
    CONSTRAINT notification_of_one_thing CHECK (num_nonnulls(event_seq, note_seq, alarm) = 1)
);
CREATE UNIQUE INDEX notification_once ON notification (nik, problem_id, event_seq, note_seq, alarm) NULLS NOT DISTINCT;
CREATE INDEX notification_unread ON notification (nik, problem_id) WHERE read_at IS NULL;
CREATE INDEX notification_at ON notification (at);

-- How many of them somebody has not read: what every page says, known with who asks for it.
CREATE TABLE unread (
    nik         text PRIMARY KEY,
    number      integer NOT NULL CONSTRAINT unread_number CHECK (number >= 0)
);

-- Who wants to be told of a problem.
CREATE TABLE following (
    problem_id  bigint NOT NULL,
    nik         text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (problem_id, nik)
);
CREATE INDEX following_nik ON following (nik);

-- Who may know of a problem, or of a note on it: who sees it, and gets in.
CREATE FUNCTION may_know(p problem, e employee, of_note boolean) RETURNS boolean LANGUAGE sql STABLE
    RETURN e.active AND e.leaving_since IS NULL AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code)
       AND (NOT of_note OR reads_notes(e));

-- The NIKs behind an `@` in a text, in digits of whatever width, the first twenty. actions/mentions.py finds the same.
CREATE FUNCTION mentioned(typed text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT
    RETURN ARRAY(SELECT m.nik FROM (SELECT f.found[1] AS nik, min(f.place) AS place
                                      FROM regexp_matches(normalize(typed, NFKC), '(?<![A-Za-z0-9_@.])@([0-9]{4,16})(?![A-Za-z0-9_])', 'g')
                                           WITH ORDINALITY AS f (found, place) GROUP BY 1) m ORDER BY m.place LIMIT 20);

-- Who holds a problem; and who works on it: its assignee, or else all of these.
CREATE FUNCTION holders(p problem) RETURNS SETOF text LANGUAGE sql STABLE ROWS 20 AS $$
    SELECT m.nik FROM division_member m WHERE m.division_code = p.holder_division_code
    UNION ALL SELECT p.holder_pic_nik WHERE p.holder_pic_nik IS NOT NULL
$$;
CREATE FUNCTION workers(p problem) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
    RETURN QUERY SELECT e.nik FROM employee e WHERE e.nik = p.assignee_nik AND is_assignable(p, e);
    IF NOT FOUND THEN
        RETURN QUERY SELECT h FROM holders(p) h;
    END IF;
END $$;

-- Whom an event of a problem concerns, and as what of it, whether they may know of it or not; of somebody twice, the first counts.
CREATE FUNCTION concerned(p problem, v event) RETURNS TABLE (nik text, kind text) LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE q problem := problem_at(p, v.version);      -- as it was then
BEGIN
    IF v.cause IN ('reported', 'escalated', 'handed over', 'restored') THEN
        RETURN QUERY SELECT h, 'reached' FROM holders(q) h;
    ELSIF v.cause = 'returned' THEN
        RETURN QUERY SELECT h, 'returned' FROM holders(q) h;
    ELSIF v.cause = 'assigned' THEN
        RETURN QUERY SELECT q.assignee_nik, 'assigned';
    ELSIF v.cause IN ('recalled', 'taken over') THEN
        RETURN QUERY SELECT h, 'withdrawn' FROM holders(problem_at(p, v.version - 1)) h;
    ELSIF v.cause = 'commented' THEN
        RETURN QUERY SELECT m, 'mentioned' FROM unnest(mentioned(v.note)) m
           UNION ALL SELECT q.reporter_nik, 'commented'
           UNION ALL SELECT w, 'commented' FROM workers(q) w
           UNION ALL SELECT b.actor_nik, 'commented' FROM event b
                      WHERE b.problem_id = v.problem_id AND b.cause = 'commented' AND b.seq < v.seq
           UNION ALL SELECT f.nik, 'commented' FROM following f WHERE f.problem_id = v.problem_id;
    ELSIF v.cause IN ('paused', 'closed', 'voided') THEN
        RETURN QUERY SELECT q.reporter_nik, 'outcome'
           UNION ALL SELECT f.nik, 'outcome' FROM following f WHERE f.problem_id = v.problem_id;
    ELSIF v.cause = 'reopened' THEN
        RETURN QUERY SELECT w, 'reopened' FROM workers(q) w UNION ALL SELECT q.reporter_nik, 'reopened'
           UNION ALL SELECT f.nik, 'reopened' FROM following f WHERE f.problem_id = v.problem_id;
    END IF;
END $$;

-- The same of an alarm: who had the problem then, beyond the target the desk too; at the last step the managers among that holder's
-- people, or, where there are none, all managers.
CREATE FUNCTION concerned(p problem, a target_alarm) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 20 AS $$
DECLARE c custody;
BEGIN
    SELECT * INTO c FROM custody u WHERE u.problem_id = a.problem_id AND u.during @> a.at;
    p.holder_division_code := c.division_code;
    p.holder_department_code := c.department_code;
    p.holder_pic_nik := c.pic_nik;
    IF a.step = 'holder' AND EXISTS (SELECT FROM target_alarm b WHERE (b.problem_id, b.clock, b.allowed, b.holder)
                                        = (a.problem_id, a.clock, a.allowed, a.holder) AND b.step = 'desk' AND b.percent > a.percent) THEN
        RETURN;     -- what is missed is not nearly so
    ELSIF a.step <> 'managers' THEN
        RETURN QUERY SELECT h FROM holders(p) h;
        RETURN QUERY SELECT m.nik FROM division_member m JOIN division d ON d.code = m.division_code
                      WHERE d.kind = 'desk' AND a.step = 'desk';
    ELSE
        RETURN QUERY SELECT e.nik FROM employee e WHERE e.is_manager AND e.active AND a.holder = ANY (e.divisions || e.departments);
        IF NOT FOUND THEN
            RETURN QUERY SELECT e.nik FROM employee e WHERE e.is_manager AND e.active;
        END IF;
    END IF;
END $$;

-- Tells of what is in the outbox whom it concerns: who may know of it at this moment, and has not done it. Told of twice, it is there
-- once.
CREATE FUNCTION tell_of(o outbox) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    v event;
    n note;
    a target_alarm;
BEGIN
    SELECT * INTO p FROM problem q WHERE q.id = o.problem_id;
    SELECT * INTO v FROM event b WHERE b.problem_id = o.problem_id AND b.seq = o.event_seq;
    SELECT * INTO n FROM note b WHERE b.problem_id = o.problem_id AND b.seq = o.note_seq;
    SELECT * INTO a FROM target_alarm b WHERE b.problem_id = o.problem_id AND alarm_name(b) = o.alarm;
    INSERT INTO notification (nik, problem_id, kind, event_seq, note_seq, alarm, at)
    SELECT DISTINCT ON (c.nik) c.nik, o.problem_id, c.kind, o.event_seq, o.note_seq, o.alarm, coalesce(v.at, n.at, a.at)
      FROM (SELECT f.nik, f.kind, f.place FROM concerned(p, v) WITH ORDINALITY AS f (nik, kind, place) WHERE o.event_seq IS NOT NULL
            UNION ALL SELECT m, 'mentioned', 0 FROM unnest(mentioned(n.text)) m
            UNION ALL SELECT h, 'target', 0 FROM concerned(p, a) h WHERE o.alarm IS NOT NULL) c
      JOIN employee e ON e.nik = c.nik
     WHERE may_know(p, e, o.note_seq IS NOT NULL) AND c.nik IS DISTINCT FROM coalesce(v.actor_nik, n.author_nik)
     ORDER BY c.nik, c.place
    ON CONFLICT (nik, problem_id, event_seq, note_seq, alarm) DO NOTHING;
    DELETE FROM outbox b WHERE b.id = o.id;
END $$;

-- What happens puts itself into the outbox, whoever does it: what SPEC's table names, and notes only where somebody is named.
CREATE FUNCTION to_be_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'event' THEN
        INSERT INTO outbox (problem_id, event_seq) VALUES (NEW.problem_id, NEW.seq);
    ELSIF TG_TABLE_NAME = 'note' THEN
        INSERT INTO outbox (problem_id, note_seq) VALUES (NEW.problem_id, NEW.seq);
    ELSE
        INSERT INTO outbox (problem_id, alarm) VALUES (NEW.problem_id, alarm_name(NEW));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_to_be_told AFTER INSERT ON event FOR EACH ROW
    WHEN (NEW.cause IN ('reported', 'escalated', 'handed over', 'restored', 'returned', 'assigned', 'recalled', 'taken over', 'commented',
                        'closed', 'voided', 'reopened')
          OR NEW.cause = 'paused' AND NEW.after ->> 'waiting_for' = 'reporter')
    EXECUTE FUNCTION to_be_told();
CREATE TRIGGER note_to_be_told AFTER INSERT ON note FOR EACH ROW
    WHEN (NEW.text ~ '[@＠﹫]') EXECUTE FUNCTION to_be_told();
CREATE TRIGGER target_alarm_to_be_told AFTER INSERT ON target_alarm FOR EACH ROW EXECUTE FUNCTION to_be_told();

-- The number of unread ones follows, in the order of people, so that of two who count none waits for the other's.
CREATE FUNCTION notifications_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE person record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO unread AS u (nik, number)
        SELECT t.nik, count(*) FROM added t WHERE t.read_at IS NULL GROUP BY t.nik ORDER BY t.nik
        ON CONFLICT (nik) DO UPDATE SET number = u.number + excluded.number;
    ELSIF TG_OP = 'UPDATE' THEN
        FOR person IN SELECT t.nik, sum(t.more) AS more
                        FROM (SELECT r.nik, -1 AS more FROM removed r WHERE r.read_at IS NULL
                              UNION ALL SELECT a.nik, 1 FROM added a WHERE a.read_at IS NULL) t
                       GROUP BY t.nik HAVING sum(t.more) <> 0 ORDER BY t.nik LOOP
            UPDATE unread u SET number = u.number + person.more WHERE u.nik = person.nik;
        END LOOP;
    ELSE
        FOR person IN SELECT t.nik, count(*) AS more FROM removed t WHERE t.read_at IS NULL GROUP BY t.nik ORDER BY t.nik LOOP
            UPDATE unread u SET number = u.number - person.more WHERE u.nik = person.nik;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER notification_added AFTER INSERT ON notification REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();
CREATE TRIGGER notification_updated AFTER UPDATE ON notification REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();
CREATE TRIGGER notification_removed AFTER DELETE ON notification REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_counted();

-- Who sees a problem no more follows it no more, and is left with nothing that was told of it.
CREATE FUNCTION reach_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM unread u WHERE u.nik = NEW.nik FOR UPDATE;
    DELETE FROM following f USING problem p WHERE f.nik = NEW.nik AND p.id = f.problem_id AND NOT may_know(p, NEW, false);
    DELETE FROM notification n USING problem p
     WHERE n.nik = NEW.nik AND p.id = n.problem_id AND NOT may_know(p, NEW, n.note_seq IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER employee_reach_changed AFTER UPDATE ON employee FOR EACH ROW
    WHEN (OLD.active <> NEW.active OR rights_of(OLD) <> rights_of(NEW)) EXECUTE FUNCTION reach_changed();
