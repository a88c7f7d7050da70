-- What is told of targets, and when.

-- Raises what the steps of alarms say of promises in force at which it is time to look, of at most `portion`, and says when to look again;
-- how many it were. What was raised is not raised again, whoever else does the same meanwhile.
CREATE FUNCTION raise_alarms(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p promise;
    base bigint;
    worked_now bigint;
    looked integer := 0;
BEGIN
    PERFORM share_working_time();
    FOR p IN SELECT q.* FROM promise q WHERE q.until IS NULL AND q.alarm_at <= now()
              ORDER BY q.alarm_at LIMIT portion FOR UPDATE SKIP LOCKED LOOP
        base := worked_by(p.calendar_code, p.time_zone, p.since);
        worked_now := CASE WHEN p.stands THEN base ELSE worked_by(p.calendar_code, p.time_zone, now()) END;
        WITH looked_at AS (
            SELECT c.*, t.step, t.percent, base + ceil(c.allowed * 60 * t.percent / 100.0)::bigint - c.used AS reached
              FROM (VALUES ('response', CASE WHEN p.answered IS NULL THEN p.response END, p.used, p.response_due),
                           ('resolution', p.resolution, p.used, p.resolution_due),
                           ('part', p.part, p.part_used, p.part_due)) c (clock, allowed, used, due)
             CROSS JOIN target_step t WHERE c.allowed IS NOT NULL AND c.due IS NOT NULL AND t.percent IS NOT NULL
        ), raised AS (
            INSERT INTO target_alarm (problem_id, clock, step, allowed, holder, percent, due)
            SELECT p.problem_id, l.clock, l.step, l.allowed, p.holder, l.percent, l.due FROM looked_at l WHERE l.reached <= worked_now
                ON CONFLICT DO NOTHING
        )
        UPDATE promise q
           SET alarm_at = (SELECT min(worked_at(p.calendar_code, p.time_zone, l.reached)) FROM looked_at l WHERE l.reached > worked_now)
         WHERE q.problem_id = p.problem_id AND q.since = p.since;
        looked := looked + 1;
    END LOOP;
    RETURN looked;
END $$;

-- Other steps: somebody looks at once.
CREATE FUNCTION target_step_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE promise SET alarm_at = now() WHERE until IS NULL AND NOT stands;
    RETURN NULL;
END $$;
CREATE TRIGGER target_step_changed AFTER INSERT OR UPDATE OR DELETE ON target_step
    FOR EACH STATEMENT EXECUTE FUNCTION target_step_changed();
