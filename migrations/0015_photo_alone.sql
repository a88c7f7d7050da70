-- squawk-ignore-file ban-drop-constraint
-- A photo alone is a comment. What was allowed stays allowed: 0016 looks, and keeps nobody out.

ALTER TABLE event
    DROP CONSTRAINT event_says_why,
    ADD CONSTRAINT event_says_why CHECK (note IS NOT NULL OR cause NOT IN ('escalated', 'returned', 'voided')) NOT VALID;

CREATE FUNCTION comment_says_something() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM photo f WHERE f.problem_id = NEW.problem_id AND f.event_seq = NEW.seq) THEN
        RAISE EXCEPTION 'a comment without text and photo' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER comment_says_something AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.cause = 'commented' AND NEW.note IS NULL) EXECUTE FUNCTION comment_says_something();
