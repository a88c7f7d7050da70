-- Managers of an area: which stores are theirs, in the reach of everybody and in what is counted.

-- Which stores belong to an area or to one below it, in whatever height (closure table, docs/decisions/0119): what a manager of an area
-- sees is one look into an index. It follows from `store` and `area` (renew_area_stores).
CREATE TABLE area_store (
    area_code   text NOT NULL REFERENCES area ON DELETE CASCADE,
    store_code  text NOT NULL REFERENCES store ON DELETE CASCADE,
    PRIMARY KEY (area_code, store_code)
);
CREATE INDEX area_store_store ON area_store (store_code, area_code);

-- Whether a store belongs to an area or to one below it; to none (NULL) none does.
CREATE FUNCTION is_in_area(store_code text, area_code text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN is_in_area.area_code IS NOT NULL
       AND EXISTS (SELECT FROM area_store w WHERE w.area_code = is_in_area.area_code AND w.store_code = is_in_area.store_code);
END $$;

CREATE FUNCTION in_reach(p problem, sees_all boolean, store_code text, nik text, area_code text) RETURNS boolean LANGUAGE sql STABLE
    RETURN sees_all OR p.store_code = in_reach.store_code OR p.reporter_nik = in_reach.nik OR is_in_area(p.store_code, in_reach.area_code);

CREATE OR REPLACE FUNCTION may(action text, p problem, e employee) RETURNS boolean LANGUAGE sql STABLE
    RETURN e.active AND in_reach(p, e.sees_all, e.store_code, e.nik, e.area_code) AND action = ANY (admits(p)) AND action = ANY (rights(p, e));

ALTER TABLE export ADD COLUMN area_code text;

-- Under which scopes it is counted in an area that its store is in: those that the list of a manager can be narrowed to.
CREATE FUNCTION area_scopes(area_code text, scopes text[]) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'area=' || area_code || CASE WHEN s.scope = 'all' THEN '' ELSE ' ' || s.scope END
      FROM unnest(scopes) s (scope) WHERE s.scope = 'all' OR s.scope ^@ 'division=' OR s.scope ^@ 'department=' OR s.scope ^@ 'pic='
$$;
-- All its scopes, with those of the areas; the second of `scopes` is its store's.
CREATE FUNCTION with_areas(scopes text[]) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT s.scope FROM unnest(scopes) s (scope)
     UNION ALL
    SELECT k.scope FROM area_store w, area_scopes(w.area_code, scopes) k (scope) WHERE w.store_code = substr(scopes[2], 7)
$$;

CREATE OR REPLACE VIEW problem_count_now AS
    SELECT c.scope, c.year, c.priority, c.status, c.number FROM problem_count c
     UNION ALL
    SELECT s.scope, c.year, c.priority, c.status, c.difference FROM problem_count_change c, with_areas(c.scopes) s (scope);

CREATE OR REPLACE FUNCTION miscounted_problems() RETURNS SETOF problem_count LANGUAGE sql STABLE AS $$
    SELECT b.scope, b.year, b.priority, b.status, sum(b.number)::integer
      FROM (SELECT s.scope, p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, count(*) AS number
              FROM problem p,
                   unnest(scopes(p.store_code, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik)) s (scope)
             GROUP BY s.scope, p.year, coalesce(p.priority, 6), p.status
             UNION ALL
            SELECT k.scope, a.year, a.priority, a.status, a.number
              FROM (SELECT w.area_code, p.holder_division_code AS division, p.holder_department_code AS department, p.holder_pic_nik AS pic,
                           p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, count(*) AS number
                      FROM problem p JOIN area_store w ON w.store_code = p.store_code GROUP BY 1, 2, 3, 4, 5, 6, 7) a,
                   area_scopes(a.area_code, scopes('', a.division, a.department, a.pic, NULL)) k (scope)
             UNION ALL
            SELECT n.scope, n.year, n.priority, n.status, -n.number FROM problem_count_now n) b
     GROUP BY b.scope, b.year, b.priority, b.status HAVING sum(b.number) <> 0
     ORDER BY b.scope, b.year, b.priority, b.status
$$;

CREATE OR REPLACE FUNCTION fold_problem_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);
    IF NOT EXISTS (SELECT FROM problem_count) THEN
        PERFORM recount_problems();
    END IF;
    WITH folded AS (DELETE FROM problem_count_change RETURNING *)
    INSERT INTO problem_count AS c
    SELECT s.scope, f.year, f.priority, f.status, sum(f.difference) FROM folded f, with_areas(f.scopes) s (scope)
     GROUP BY s.scope, f.year, f.priority, f.status HAVING sum(f.difference) <> 0
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

-- Has `area_store` say what `store` and `area` do, and what is counted of an area along with it: what the problems of a store that comes or
-- goes count, but for what is not added up yet. One at a time, as fold_problem_counts: nothing is added up meanwhile.
CREATE FUNCTION renew_area_stores() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);
    WITH RECURSIVE below (area_code, store_code) AS (
        SELECT s.area_code, s.code FROM store s WHERE s.area_code IS NOT NULL
         UNION
        SELECT a.parent_code, b.store_code FROM below b JOIN area a ON a.code = b.area_code WHERE a.parent_code IS NOT NULL
    ), gone AS (
        DELETE FROM area_store w
         WHERE NOT EXISTS (SELECT FROM below b WHERE (b.area_code, b.store_code) = (w.area_code, w.store_code))
        RETURNING w.area_code, w.store_code, -1 AS sign
    ), come AS (
        INSERT INTO area_store SELECT b.area_code, b.store_code FROM below b
        ON CONFLICT DO NOTHING RETURNING area_code, store_code, 1 AS sign
    ), changed AS (
        SELECT * FROM gone UNION ALL SELECT * FROM come
    )
    INSERT INTO problem_count AS c
    SELECT n.scope, n.year, n.priority, n.status, sum(n.number)
      FROM (SELECT k.scope, a.year, a.priority, a.status, a.number
              FROM (SELECT h.area_code, p.holder_division_code AS division, p.holder_department_code AS department, p.holder_pic_nik AS pic,
                           p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, sum(h.sign) AS number
                      FROM changed h
                     CROSS JOIN LATERAL (SELECT * FROM problem p WHERE p.store_code = h.store_code OFFSET 0) p      -- store by store
                     GROUP BY 1, 2, 3, 4, 5, 6, 7) a,
                   area_scopes(a.area_code, scopes('', a.division, a.department, a.pic, NULL)) k (scope)
             UNION ALL
            SELECT k.scope, d.year, d.priority, d.status, -h.sign * d.difference
              FROM problem_count_change d JOIN changed h ON 'store=' || h.store_code = d.scopes[2],
                   area_scopes(h.area_code, d.scopes) k (scope)) n
     WHERE EXISTS (SELECT FROM problem_count)
     GROUP BY n.scope, n.year, n.priority, n.status HAVING sum(n.number) <> 0
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

CREATE FUNCTION areas_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM area) THEN
        PERFORM renew_area_stores();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER store_in_area AFTER INSERT OR UPDATE OF area_code ON store FOR EACH STATEMENT EXECUTE FUNCTION areas_changed();
CREATE TRIGGER area_in_area AFTER INSERT OR UPDATE OF parent_code ON area FOR EACH STATEMENT EXECUTE FUNCTION areas_changed();

SELECT renew_area_stores();
