-- Who is given more than a store head may gets a PIN of their own.

ALTER TABLE employee ADD COLUMN pin_vouched boolean NOT NULL DEFAULT false;

-- A PIN that goes back to one from a store head lets that person in too: it ends with the right to more than a store head may.
CREATE FUNCTION vouched_pin_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pin_hash := '!';
    NEW.pin_changed_at := clock_timestamp();
    NEW.pin_initial_until := NULL;
    NEW.pin_vouched := false;
    RETURN NEW;
END $$;
CREATE TRIGGER employee_2_vouched_pin BEFORE UPDATE ON employee FOR EACH ROW
    WHEN (NEW.pin_vouched AND NEW.scopes && ARRAY['handler', 'manager', 'admin'])
    EXECUTE FUNCTION vouched_pin_ends();
