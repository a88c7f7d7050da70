-- One way to hold what others share.

-- Holds a lock that others share, until the commit. It is not waited for in the queue, where all who share it would then stand behind it.
CREATE FUNCTION hold_alone(lock bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(lock);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody shares lock % all the time', lock USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hold_working_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('sih.trial', true) IS DISTINCT FROM 'yes' THEN
        PERFORM hold_alone(1397310472);
    END IF;
END $$;

-- Holds the lock that whoever counts something shares, until the commit.
CREATE OR REPLACE FUNCTION hold_counting() RETURNS void LANGUAGE sql AS $$ SELECT hold_alone(1397310466) $$;
