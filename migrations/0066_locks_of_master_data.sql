-- Locks of their own: with that of the counting, two who hand problems over and are noted at the end would wait for each other.
CREATE OR REPLACE FUNCTION tree_has_no_loop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE loops boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(1397310470);
    EXECUTE format('WITH RECURSIVE above (code) AS (
            SELECT parent_code FROM %1$I WHERE code = $1 UNION
            SELECT t.parent_code FROM %1$I t JOIN above a ON t.code = a.code)
        SELECT EXISTS (SELECT FROM above WHERE code = $1)', TG_TABLE_NAME) INTO loops USING NEW.code;
    IF loops THEN
        RAISE EXCEPTION '% % stands above itself', TG_TABLE_NAME, NEW.code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tree_has_no_loop';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION master_change_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310469);
    SELECT c.seq, c.hash INTO NEW.seq, NEW.previous_hash FROM master_change c ORDER BY c.seq DESC LIMIT 1;
    NEW.seq := coalesce(NEW.seq, 0) + 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, decode(repeat('00', 32), 'hex'));
    NEW.at := clock_timestamp();
    NEW.hash := sha256(convert_to(sealed_text(NEW), 'UTF8'));
    RETURN NEW;
END $$;
