-- One calendar is always general; and the problems that are unfinished are promised what they are.

-- There is always one for whoever has no other.
CREATE FUNCTION calendar_general_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM calendar c WHERE c.is_general) THEN
        RAISE EXCEPTION 'one calendar is general' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'calendar_general_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER calendar_general_stays AFTER UPDATE ON calendar DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_general AND NOT NEW.is_general) EXECUTE FUNCTION calendar_general_stays();

INSERT INTO job (kind, arguments) VALUES ('promises', '{"after": 0}');
