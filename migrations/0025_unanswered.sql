-- squawk-ignore-file ban-drop-constraint
-- What was closed and nobody has answered for five working days counts as confirmed by itself. What was allowed stays allowed: the next
-- migration looks.

ALTER TABLE event
    DROP CONSTRAINT event_known_cause,
    DROP CONSTRAINT event_by_whom,
    ADD CONSTRAINT event_known_cause CHECK (cause IN (
        'reported', 'opened', 'corrected', 'assigned', 'released', 'paused', 'resumed', 'replied', 'elapsed', 'escalated',
        'accepted', 'returned', 'recalled', 'taken over', 'closed', 'confirmed', 'auto-confirmed', 'reopened', 'voided', 'restored',
        'commented')) NOT VALID,
    ADD CONSTRAINT event_by_whom CHECK (actor_nik IS NOT NULL OR cause IN ('elapsed', 'released', 'auto-confirmed')) NOT VALID;

-- Until when somebody may say whether what was closed is solved: for five working days, Monday to Friday, by the clocks of its store.
-- What was closed at a weekend has from Monday on.
CREATE FUNCTION answer_due(closed_at timestamptz, time_zone text) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN CASE WHEN extract(isodow FROM closed_at AT TIME ZONE time_zone) < 6
                THEN (closed_at AT TIME ZONE time_zone + interval '7 days') AT TIME ZONE time_zone
                ELSE (date_trunc('week', closed_at AT TIME ZONE time_zone) + interval '12 days') AT TIME ZONE time_zone END;

-- Confirms what nobody has answered in that time, of at most `portion` problems, those closed last first; how many it were. What
-- somebody is answering at this moment is left for the next time.
CREATE FUNCTION confirm_unanswered(portion integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    p problem;
    confirmed integer := 0;
BEGIN
    FOR p IN SELECT q.* FROM problem q JOIN store s ON s.code = q.store_code
              WHERE q.status = 'closed' AND q.confirmed_at IS NULL AND q.changed_at < now() - interval '5 days'
                AND answer_due(q.changed_at, s.time_zone) <= now()
              ORDER BY q.changed_at DESC LIMIT portion FOR NO KEY UPDATE OF q SKIP LOCKED LOOP
        UPDATE problem SET confirmed_at = clock_timestamp() WHERE id = p.id;
        PERFORM record_change(p.id, NULL, 'auto-confirmed', facts(p), NULL);
        confirmed := confirmed + 1;
    END LOOP;
    RETURN confirmed;
END $$;
