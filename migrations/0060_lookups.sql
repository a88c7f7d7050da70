-- Who has a NIK is counted by few statements, whose plans are kept, and spending a budget writes no index.

ALTER TABLE budget SET (fillfactor = 70);

-- The longest wait among some budgets, and which of them asks for it.
CREATE OR REPLACE FUNCTION longest_wait(kinds text[], keys text[], OUT wait integer, OUT budget_kind text) LANGUAGE plpgsql AS $$
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    SELECT wait_at(b, r, moment), b.kind INTO wait, budget_kind
      FROM unnest(kinds, keys) AS k (kind, key) JOIN budget b USING (kind, key) JOIN budget_rule r USING (kind)
     ORDER BY 1 DESC LIMIT 1;
END $$;

-- Counts that an address asks who `nik` is; the seconds to wait, or 0. What it knows already is free: a NIK that logged in on
-- this device, or was asked for within a day. A wait applies to known and unknown NIKs alike, else it would tell them apart.
-- As `spend`, of one budget. A crash of the server may forget what was asked in the second before it.
CREATE OR REPLACE FUNCTION count_lookup(nik text, device_hash bytea, address text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    rule budget_rule;
    wait integer;
BEGIN
    IF (device_hash IS NOT NULL AND is_known(device_hash, nik))
       OR EXISTS (SELECT FROM lookup l WHERE l.address = count_lookup.address AND l.nik = count_lookup.nik
                                         AND l.at > moment - interval '1 day') THEN
        RETURN 0;
    END IF;
    SELECT max(wait_at(b, r, moment)) INTO wait FROM budget b JOIN budget_rule r USING (kind)
     WHERE b.kind IN ('names', 'unknown') AND b.key = address;
    IF wait > 0 THEN RETURN wait; END IF;
    SELECT r.* INTO rule FROM budget_rule r
     WHERE r.kind = CASE WHEN EXISTS (SELECT FROM employee e WHERE e.nik = count_lookup.nik) THEN 'names' ELSE 'unknown' END;
    INSERT INTO budget AS b (kind, key, spent, at) VALUES (rule.kind, address, 1, moment)
        ON CONFLICT ON CONSTRAINT budget_pkey DO UPDATE SET spent = spent_at(b, rule, moment) + 1, at = moment
        WHERE wait_at(b, rule, moment) = 0;
    IF NOT FOUND THEN RETURN greatest(1, (SELECT w.wait FROM longest_wait(ARRAY[rule.kind], ARRAY[address]) w)); END IF;
    INSERT INTO lookup AS l (address, nik, kind, at) VALUES (address, count_lookup.nik, rule.kind, moment)
        ON CONFLICT ON CONSTRAINT lookup_pkey DO UPDATE SET at = excluded.at, kind = excluded.kind;
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN 0;
END $$;
