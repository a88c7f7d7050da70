-- The promises of a long history are made by indexes, also while there are few of them yet.

-- Has at most `portion` problems that were there before promises were, the newest first, have theirs, and counts the working time that was
-- used by then; whether some are left. Nobody changes them meanwhile. What it asks is planned while there are few promises, and stays planned.
CREATE OR REPLACE FUNCTION promise_history(portion integer) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    c counting;
    ids bigint[];
    p problem;
    due timestamptz;
BEGIN
    SELECT * INTO c FROM counting FOR UPDATE;
    ids := ARRAY(SELECT q.id FROM problem q WHERE q.id <= c.unpromised ORDER BY q.id DESC LIMIT portion);
    FOR p IN SELECT q.* FROM problem q WHERE q.id = ANY (ids) ORDER BY q.id FOR NO KEY UPDATE LOOP
        CONTINUE WHEN EXISTS (SELECT FROM promise q WHERE q.problem_id = p.id);
        due := replay_promises(p.id);
        IF due IS DISTINCT FROM p.due_at THEN
            UPDATE problem SET due_at = due WHERE id = p.id;
        END IF;
    END LOOP;
    PERFORM recount_worked(ids);
    c.unpromised := CASE WHEN cardinality(ids) < portion THEN 0 ELSE ids[portion] - 1 END;
    UPDATE counting SET unpromised = c.unpromised;
    RETURN c.unpromised > 0;
END $$;
