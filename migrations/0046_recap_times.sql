-- Medians and percentiles of a month that is not frozen are read from the indexes that the next migration makes.

ALTER TABLE movement SET (autovacuum_vacuum_insert_scale_factor = 0.005);

-- The same of a month that is not frozen, of these holders ('' for the company) or all: read from the indexes, whose order is that of the
-- times, at the place where each stands.
CREATE FUNCTION nth_held(month date, holder text, place bigint, of bigint) RETURNS interval LANGUAGE sql STABLE
    RETURN CASE
        WHEN nth_held.holder = '' AND place * 2 <= of THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.held IS NOT NULL
             ORDER BY m.held OFFSET place - 1 LIMIT 1)
        WHEN nth_held.holder = '' THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.held IS NOT NULL
             ORDER BY m.held DESC OFFSET of - place LIMIT 1)
        WHEN place * 2 <= of THEN (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.holder = nth_held.holder AND m.held IS NOT NULL
             ORDER BY m.held OFFSET place - 1 LIMIT 1)
        ELSE (
            SELECT m.held FROM movement m WHERE m.month = nth_held.month AND m.holder = nth_held.holder AND m.held IS NOT NULL
             ORDER BY m.held DESC OFFSET of - place LIMIT 1) END;
CREATE FUNCTION nth_waited(month date, holder text, place bigint, of bigint) RETURNS interval LANGUAGE sql STABLE
    RETURN coalesce((SELECT m.waited FROM movement m
                      WHERE m.month = nth_waited.month AND m.waited > '0' AND (nth_waited.holder = '' OR m.holder = nth_waited.holder)
                      ORDER BY m.waited DESC OFFSET of - place LIMIT 1), '0');
CREATE FUNCTION live_times(month date, holders text[])
RETURNS TABLE (holder text, held_median interval, held_p90 interval, waited_median interval, waited_p90 interval)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE h record;
BEGIN
    FOR h IN
        SELECT t.holder, ceil(0.5 * sum(t.ended))::bigint AS half, ceil(0.9 * sum(t.ended))::bigint AS most, sum(t.ended)::bigint AS every
          FROM (SELECT l.holder, l.passed_on + l.closed + l.voided AS ended FROM live_tally l
                 WHERE l.month = live_times.month AND l.by = '' AND (holders IS NULL OR l.holder = ANY (holders))) t
         GROUP BY t.holder HAVING sum(t.ended) > 0 LOOP
        holder := h.holder;
        held_median := nth_held(live_times.month, h.holder, h.half, h.every);
        held_p90 := nth_held(live_times.month, h.holder, h.most, h.every);
        waited_median := nth_waited(live_times.month, h.holder, h.half, h.every);
        waited_p90 := nth_waited(live_times.month, h.holder, h.most, h.every);
        RETURN NEXT;
    END LOOP;
END $$;
