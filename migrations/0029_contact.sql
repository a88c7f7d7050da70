-- How people and stores are reached.

ALTER TABLE employee
    ADD COLUMN email text,
    ADD COLUMN phone text,
    ADD CONSTRAINT employee_email CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254) NOT VALID,
    ADD CONSTRAINT employee_phone CHECK (phone ~ '^[0-9+() .-]{6,30}$') NOT VALID;
ALTER TABLE store
    ADD COLUMN phone text,
    ADD CONSTRAINT store_phone CHECK (phone ~ '^[0-9+() .-]{6,30}$') NOT VALID;
