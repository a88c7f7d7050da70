-- Times that a holder waited are read from the index of holders, whatever the plan.

CREATE OR REPLACE FUNCTION nth_waited(month date, holder text, place bigint, of bigint) RETURNS interval LANGUAGE sql STABLE
    RETURN coalesce(CASE
        WHEN nth_waited.holder = '' THEN (
            SELECT m.waited FROM movement m WHERE m.month = nth_waited.month AND m.waited > '0'
             ORDER BY m.waited DESC OFFSET of - place LIMIT 1)
        ELSE (
            SELECT m.waited FROM movement m WHERE m.month = nth_waited.month AND m.holder = nth_waited.holder AND m.waited > '0'
             ORDER BY m.waited DESC OFFSET of - place LIMIT 1) END, '0');
