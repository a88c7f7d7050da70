-- A page of a recap by store reads the stores that it shows, not all of them.
CREATE FUNCTION numbers_of_stores(month date, holders text[], codes text[])
RETURNS TABLE (key text, opening bigint, reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint,
               closed bigint, confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint,
               closing bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT n.key, sum(n.opening)::bigint, sum(n.reported)::bigint, sum(n.opened)::bigint, sum(n.received)::bigint,
           sum(n.passed_on)::bigint, sum(n.returned)::bigint, sum(n.closed)::bigint, sum(n.confirmed)::bigint,
           sum(n.auto_confirmed)::bigint, sum(n.reopened)::bigint, sum(n.voided)::bigint, sum(n.restored)::bigint,
           sum(n.closing)::bigint
      FROM numbers_of(numbers_of_stores.month) n
     WHERE n.by = 'store' AND n.holder = ANY (holders) AND n.key = ANY (codes)
     GROUP BY n.key;
END $$;
