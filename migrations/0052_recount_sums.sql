-- The sums of the recap are compared with its movements one by one, and can be added up anew.

-- Of a month the sums that are not those of its movements, by cuts(), and by how much they differ; of a frozen one what was restated since is
-- taken off first. There are none, or what is wrong is found by this.
CREATE FUNCTION miscounted_sums(month date) RETURNS TABLE (holder text, by text, key text, number text, difference bigint)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT m.kind, m.holder, m.store_code, m.category_code, m.priority, count(*) AS times
          FROM movement m WHERE m.month = miscounted_sums.month
         GROUP BY m.kind, m.holder, m.store_code, m.category_code, m.priority
         UNION ALL
        SELECT r.kind, r.holder, r.store_code, r.category_code, r.priority, -r.difference
          FROM restatement r WHERE r.month = miscounted_sums.month
    ), kept AS (
        SELECT t.holder, t.by, t.key, to_jsonb(t) AS numbers FROM live_tally t WHERE t.month = miscounted_sums.month
         UNION ALL
        SELECT f.holder, f.by, f.key, to_jsonb(f) || jsonb_build_object('net', f.closing - f.opening)
          FROM frozen f WHERE f.month = miscounted_sums.month
    )
    SELECT b.holder, b.by, b.key, b.number, sum(b.times)::bigint
      FROM (SELECT c.holder, c.by, c.key, n.number, n.times
              FROM counted m, cuts(m.holder, m.store_code, m.category_code, m.priority) c,
                   LATERAL (VALUES (m.kind, m.times), ('net', m.times * net(m.kind, c.holder = ''))) n (number, times)
             UNION ALL
            SELECT r.holder, r.by, r.key, n.key, -n.value::bigint
              FROM kept r, jsonb_each_text(r.numbers - '{month,holder,by,key,opening,closing}'::text[]) n
             WHERE n.key !~ '_(median|p90)$') b
     GROUP BY b.holder, b.by, b.key, b.number HAVING sum(b.times) <> 0
$$;

-- Holds the lock that whoever counts something shares, until the commit. It is not waited for in the queue, where everybody who counts
-- would then stand behind it.
CREATE FUNCTION hold_counting() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR attempt IN 1..50 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(1397310466);
        IF attempt = 50 THEN
            RAISE EXCEPTION 'somebody is counting all the time' USING ERRCODE = 'lock_not_available';
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;

-- Adds up anew all months that are not frozen, from their movements. Whoever counts something waits for it.
CREATE FUNCTION recount_sums() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_counting();
    PERFORM pg_advisory_xact_lock(1397310467);      -- as fold_tally
    DELETE FROM uncounted;
    DELETE FROM tally;
    INSERT INTO uncounted SELECT m.month, m.kind, m.holder, m.store_code, m.category_code, m.priority, 1
      FROM movement m WHERE m.month > coalesce((SELECT max(r.month) FROM recap_month r), '-infinity');
    PERFORM fold_tally();
END $$;

-- Freezes the oldest month that is over and not frozen, in WIB, where a month ends last; which one it was. NULL: there is none, or the
-- history is not counted yet.
CREATE OR REPLACE FUNCTION freeze_month() RETURNS date LANGUAGE plpgsql AS $$
DECLARE frozen_month date;
BEGIN
    PERFORM hold_counting();
    IF EXISTS (SELECT FROM counting c WHERE c.counted < c.up_to) THEN
        RETURN NULL;
    END IF;
    PERFORM fold_tally();
    frozen_month := coalesce((SELECT max(r.month) + interval '1 month' FROM recap_month r), (SELECT min(t.month) FROM tally t));
    IF ((frozen_month + interval '1 month') AT TIME ZONE 'Asia/Jakarta' <= now()) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    WITH numbers AS MATERIALIZED (
        SELECT n.*, t.held_median, t.held_p90, t.waited_median, t.waited_p90
          FROM numbers_of(frozen_month) n LEFT JOIN times_of(frozen_month, NULL) t ON t.holder = n.holder AND n.by = ''
    ), noted AS (
        INSERT INTO recap_month (month, restatement_id)
        SELECT frozen_month, coalesce(max(r.id), 0) FROM restatement r
    )
    INSERT INTO frozen SELECT frozen_month, n.* FROM numbers n;
    DELETE FROM tally t WHERE t.month = frozen_month;
    RETURN frozen_month;
END $$;
