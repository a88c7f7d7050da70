-- A month that is frozen is read without what is live, and numbers are planned once a connection.

CREATE OR REPLACE FUNCTION numbers_of(month date)
RETURNS TABLE (holder text, by text, key text, opening bigint,
               reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint, closed bigint,
               confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint, closing bigint)
LANGUAGE sql STABLE AS $$
    SELECT n.holder, n.by, n.key, sum(n.opening),
           sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
           sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored),
           sum(n.opening + n.net)
      FROM (SELECT f.holder, f.by, f.key, f.opening,
                   f.reported, f.opened, f.received, f.passed_on, f.returned, f.closed, f.confirmed, f.auto_confirmed,
                   f.reopened, f.voided, f.restored,
                   f.closing - f.opening AS net
              FROM frozen f WHERE f.month = numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, 0,
                   t.reported, t.opened, t.received, t.passed_on, t.returned, t.closed, t.confirmed, t.auto_confirmed,
                   t.reopened, t.voided, t.restored, t.net
              FROM live_tally t WHERE t.month = numbers_of.month AND (SELECT coalesce(max(r.month), '-infinity') FROM recap_month r) < numbers_of.month
             UNION ALL
            SELECT t.holder, t.by, t.key, t.net, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM live_tally t WHERE t.month < numbers_of.month AND (SELECT coalesce(max(r.month), '-infinity') FROM recap_month r) < numbers_of.month
             UNION ALL
            SELECT f.holder, f.by, f.key, f.closing, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM frozen f WHERE f.month = (SELECT max(r.month) FROM recap_month r) AND f.month < numbers_of.month
             UNION ALL
            SELECT c.holder, c.by, c.key, r.difference * net(r.kind, c.holder = ''), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
              FROM (SELECT l.month, l.restatement_id FROM recap_month l ORDER BY l.month DESC LIMIT 1) l
              JOIN restatement r ON r.id > l.restatement_id,
                   cuts(r.holder, r.store_code, r.category_code, r.priority) c
             WHERE l.month < numbers_of.month) n
     GROUP BY n.holder, n.by, n.key
    HAVING (sum(n.opening), sum(n.reported), sum(n.opened), sum(n.received), sum(n.passed_on), sum(n.returned), sum(n.closed),
            sum(n.confirmed), sum(n.auto_confirmed), sum(n.reopened), sum(n.voided), sum(n.restored))
           <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
$$;

-- The numbers of a month by store, category or priority, or of all (''), of these holders together ('' for the company), and of one key or all
-- (NULL); or by 'holder', of one store or of all. Planned once a connection: planning takes longer than reading.
CREATE FUNCTION numbers_by(month date, by text, holders text[], only_key text)
RETURNS TABLE (key text, opening bigint, reported bigint, opened bigint, received bigint, passed_on bigint, returned bigint,
               closed bigint, confirmed bigint, auto_confirmed bigint, reopened bigint, voided bigint, restored bigint,
               closing bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF numbers_by.by = 'holder' THEN
        RETURN QUERY
        SELECT n.holder, n.opening, n.reported, n.opened, n.received, n.passed_on, n.returned, n.closed, n.confirmed, n.auto_confirmed,
               n.reopened, n.voided, n.restored, n.closing
          FROM numbers_of(numbers_by.month) n
         WHERE n.holder <> '' AND (holders IS NULL OR n.holder = ANY (holders)) AND n.key = coalesce(only_key, '')
           AND n.by = CASE WHEN only_key IS NULL THEN '' ELSE 'store' END;
    ELSE
        RETURN QUERY
        SELECT n.key, sum(n.opening)::bigint, sum(n.reported)::bigint, sum(n.opened)::bigint, sum(n.received)::bigint,
               sum(n.passed_on)::bigint, sum(n.returned)::bigint, sum(n.closed)::bigint, sum(n.confirmed)::bigint,
               sum(n.auto_confirmed)::bigint, sum(n.reopened)::bigint, sum(n.voided)::bigint, sum(n.restored)::bigint,
               sum(n.closing)::bigint
          FROM numbers_of(numbers_by.month) n
         WHERE n.by = numbers_by.by AND n.holder = ANY (holders) AND (only_key IS NULL OR n.key = only_key)
         GROUP BY n.key;
    END IF;
END $$;
