-- squawk-ignore-file constraint-missing-not-valid,prefer-robust-stmts
-- Mails of what is told, and what each person wants of them.

-- What a person wants to be told by mail; who has no row wants all of it, at once, at any time. Nobody else's business, and no history of it
-- is kept. The address itself is the employee's: one that is typed here stands there once it is confirmed.
CREATE TABLE profile (
    nik            text PRIMARY KEY,
    daily          text[] NOT NULL DEFAULT '{}',      -- kinds of notifications that come in a daily summary
    silent         text[] NOT NULL DEFAULT '{}',      -- kinds that are not mailed
    quiet_from     time,                              -- by the clocks of the workplace
    quiet_until    time,
    pending_email  text CONSTRAINT profile_pending_email CHECK (pending_email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(pending_email) <= 254),
    pending_key    uuid,                              -- what the link that confirms it has to know
    refused_email  text,                              -- a mail server said that there is no such address
    refused_at     timestamptz,
    refusal        text,                              -- in its words
    CONSTRAINT profile_kinds CHECK (daily || silent <@ ARRAY['reached', 'assigned', 'returned', 'withdrawn', 'commented', 'mentioned', 'outcome', 'reopened', 'target']
                                    AND NOT daily && silent),
    CONSTRAINT profile_quiet_hours CHECK (num_nonnulls(quiet_from, quiet_until) <> 1 AND quiet_from <> quiet_until),
    CONSTRAINT profile_pending CHECK (num_nonnulls(pending_email, pending_key) <> 1),
    CONSTRAINT profile_refused CHECK (num_nonnulls(refused_email, refused_at, refusal) IN (0, 3))
);

-- Mails: what is to be told somebody of a problem, or in a summary, are the notifications from the first to the last one, as they are when
-- it is sent. It is open, so that what is told meanwhile comes into it, until it is first handed to the mail server.
CREATE TABLE mail (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    nik         text NOT NULL,
    kind        text NOT NULL CONSTRAINT mail_kind CHECK (kind IN ('problem', 'summary', 'confirmation')),
    problem_id  bigint,
    first_id    bigint NOT NULL DEFAULT 0,
    last_id     bigint,                             -- NULL: open
    made_at     timestamptz NOT NULL DEFAULT now(),
    due_at      timestamptz,                        -- NULL: it is over
    attempts    integer NOT NULL DEFAULT 0,
    tried_at    timestamptz,                        -- first
    address     text,                               -- to which it was last sent, or was to be
    sent_at     timestamptz,
    error       text,                               -- why it could not go, the last time
    CONSTRAINT mail_of_a_problem CHECK ((kind = 'problem') = (problem_id IS NOT NULL)),
    CONSTRAINT mail_over_is_closed CHECK (due_at IS NOT NULL OR last_id IS NOT NULL),
    CONSTRAINT mail_sent_is_over CHECK (sent_at IS NULL OR due_at IS NULL)
);
CREATE UNIQUE INDEX mail_open ON mail (nik, kind, problem_id) NULLS NOT DISTINCT WHERE last_id IS NULL;
CREATE INDEX mail_due ON mail (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mail_of_person ON mail (nik, problem_id, id);
CREATE INDEX mail_made ON mail (made_at);
CREATE INDEX mail_unsent ON mail (id) WHERE error IS NOT NULL;

-- From an attempt to send a mail to the next, after so many: half a minute, then longer and longer.
CREATE FUNCTION mail_pause(attempts integer) RETURNS interval LANGUAGE sql IMMUTABLE
    RETURN least(make_interval(secs => 30 * 2 ^ least(attempts, 12)), interval '1 hour');

-- Whether a person is told something of a kind in the daily summary (false: at once). NULL: not by mail.
CREATE FUNCTION in_summary(e employee, told_kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN e.email IS NULL OR e.email = p.refused_email OR told_kind = ANY (p.silent) THEN NULL
                ELSE coalesce(told_kind = ANY (p.daily), false) END
      FROM (SELECT) one LEFT JOIN profile p ON p.nik = e.nik
$$;

-- When the next daily summary is due, at a moment and by the clocks of a workplace: at 07.00.
CREATE FUNCTION next_summary(workplace text, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT ((moment AT TIME ZONE s.time_zone - interval '7 hours')::date + 1 + time '07:00') AT TIME ZONE s.time_zone
      FROM store s WHERE s.code = workplace
$$;

-- Until when a mail has to wait at a moment for the quiet hours of its receiver; NULL: it has not. A problem of priority 1 does not wait.
CREATE FUNCTION quiet_until(m mail, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (c.clock::date + CASE WHEN c.clock::time < p.quiet_until THEN 0 ELSE 1 END + p.quiet_until) AT TIME ZONE s.time_zone
      FROM profile p JOIN employee e ON e.nik = p.nik JOIN store s ON s.code = e.store_code
     CROSS JOIN LATERAL (SELECT moment AT TIME ZONE s.time_zone AS clock) c
     WHERE p.nik = m.nik AND m.kind <> 'confirmation'
       AND CASE WHEN p.quiet_from < p.quiet_until THEN c.clock::time >= p.quiet_from AND c.clock::time < p.quiet_until
                ELSE c.clock::time >= p.quiet_from OR c.clock::time < p.quiet_until END
       AND NOT EXISTS (SELECT FROM problem q WHERE q.id = m.problem_id AND q.priority = 1)
$$;

ALTER TABLE notification ADD COLUMN in_summary boolean;

-- Tells of what is in the outbox whom it concerns: who may know of it at this moment, and has not done it. Told of twice, it is there
-- once. What is to be mailed goes into a mail, two minutes after it happened or with the next summary, in the order of people.
CREATE OR REPLACE FUNCTION tell_of(o outbox) RETURNS void LANGUAGE plpgsql AS $$
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
    WITH told AS (
        INSERT INTO notification (nik, problem_id, kind, event_seq, note_seq, alarm, at, in_summary)
        SELECT DISTINCT ON (c.nik) c.nik, o.problem_id, c.kind, o.event_seq, o.note_seq, o.alarm, coalesce(v.at, n.at, a.at),
               in_summary(e, c.kind)
          FROM (SELECT f.nik, f.kind, f.place FROM concerned(p, v) WITH ORDINALITY AS f (nik, kind, place) WHERE o.event_seq IS NOT NULL
                UNION ALL SELECT m, 'mentioned', 0 FROM unnest(mentioned(n.text)) m
                UNION ALL SELECT h, 'target', 0 FROM concerned(p, a) h WHERE o.alarm IS NOT NULL) c
          JOIN employee e ON e.nik = c.nik
         WHERE may_know(p, e, o.note_seq IS NOT NULL) AND c.nik IS DISTINCT FROM coalesce(v.actor_nik, n.author_nik)
         ORDER BY c.nik, c.place
        ON CONFLICT (nik, problem_id, event_seq, note_seq, alarm) DO NOTHING
        RETURNING nik, id, at, in_summary)
    INSERT INTO mail AS m (nik, kind, problem_id, first_id, due_at)
    SELECT t.nik, CASE WHEN t.in_summary THEN 'summary' ELSE 'problem' END, CASE WHEN NOT t.in_summary THEN o.problem_id END, t.id,
           CASE WHEN t.in_summary THEN next_summary(e.store_code, now()) ELSE t.at + interval '2 minutes' END
      FROM told t JOIN employee e ON e.nik = t.nik WHERE t.in_summary IS NOT NULL ORDER BY t.nik
    ON CONFLICT (nik, kind, problem_id) WHERE last_id IS NULL DO UPDATE SET due_at = least(m.due_at, excluded.due_at);
    DELETE FROM outbox b WHERE b.id = o.id;
END $$;
