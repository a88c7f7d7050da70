-- What master data may not become, whoever changes it: a company without its desk, or without an admin.

CREATE OR REPLACE FUNCTION holder_code_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM division d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'department')
       OR EXISTS (SELECT FROM department d WHERE d.code = NEW.code AND TG_TABLE_NAME = 'division') THEN
        RAISE EXCEPTION 'a division or department has this code' USING ERRCODE = 'unique_violation', CONSTRAINT = 'holder_code';
    END IF;
    RETURN NEW;
END $$;

-- The desk takes up what nobody else holds.
CREATE FUNCTION desk_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the desk stays the desk' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'division_desk_stays';
END $$;
CREATE TRIGGER division_desk_stays BEFORE UPDATE ON division FOR EACH ROW
    WHEN (OLD.kind = 'desk' AND NEW.kind <> 'desk') EXECUTE FUNCTION desk_stays();

-- Of admins who take each other's right away at the same moment the second waits for the first, and is the last.
CREATE FUNCTION admin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310471);
    IF NOT EXISTS (SELECT FROM employee e WHERE e.is_admin AND e.active AND e.leaving_since IS NULL) THEN
        RAISE EXCEPTION 'the last admin stays' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'admin_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER employee_admin_stays AFTER UPDATE ON employee FOR EACH ROW
    WHEN (OLD.is_admin AND OLD.active AND OLD.leaving_since IS NULL
          AND NOT (NEW.is_admin AND NEW.active AND NEW.leaving_since IS NULL)) EXECUTE FUNCTION admin_stays();
