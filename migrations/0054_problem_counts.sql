-- squawk-ignore-file prefer-bigint-over-smallint
-- Counts beside the list are added up (docs/decisions/0109). From now on every change of a problem is noted; what was before is counted by the
-- first adding up, in one statement that nobody waits for.

-- Under which scopes of the list a problem is counted (docs/decisions/0109): that of all, of its store, its holder, its PIC in whichever
-- department, who it is assigned to, and of the division that holds what is assigned to nobody.
CREATE FUNCTION scopes(store_code text, division_code text, department_code text, pic_nik text, assignee_nik text) RETURNS text[]
LANGUAGE sql IMMUTABLE
    RETURN array_remove(ARRAY['all', 'store=' || store_code, 'division=' || division_code, 'department=' || department_code,
                              'pic=' || department_code || ':' || pic_nik, 'held=' || pic_nik, 'assigned=' || assignee_nik,
                              CASE WHEN assignee_nik IS NULL THEN 'unassigned=' || division_code END], NULL);

-- How many problems there are in each scope, by year, priority (6: none) and status; without what changed since it was added up last.
-- Empty: nothing is counted yet.
CREATE TABLE problem_count (
    scope     text NOT NULL,
    year      smallint NOT NULL,
    priority  smallint NOT NULL,
    status    text NOT NULL,
    number    integer NOT NULL,
    PRIMARY KEY (scope, year, priority, status)
) WITH (fillfactor = 70);       -- so that adding up writes no index

-- What changed and is not added up yet: one row for what a problem was, one for what it became (no row is hot).
CREATE TABLE problem_count_change (
    scopes      text[] NOT NULL,
    year        smallint NOT NULL,
    priority    smallint NOT NULL,
    status      text NOT NULL,
    difference  smallint NOT NULL CHECK (difference IN (-1, 1))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);    -- every list reads it all

CREATE VIEW problem_count_now AS
    SELECT c.scope, c.year, c.priority, c.status, c.number FROM problem_count c
     UNION ALL
    SELECT s.scope, c.year, c.priority, c.status, c.difference FROM problem_count_change c, unnest(c.scopes) s (scope);

-- Notes what a problem counts as no more, and as what it counts now. About every 200th change has what is noted added up.
CREATE FUNCTION problem_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(OLD.store_code, OLD.holder_division_code, OLD.holder_department_code, OLD.holder_pic_nik, OLD.assignee_nik),
                OLD.year, coalesce(OLD.priority, 6), OLD.status, -1),
               (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    ELSE
        INSERT INTO problem_count_change (scopes, year, priority, status, difference)
        VALUES (scopes(NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik, NEW.assignee_nik),
                NEW.year, coalesce(NEW.priority, 6), NEW.status, 1);
    END IF;
    IF (NEW.id + NEW.version) % 200 = 0 THEN
        INSERT INTO job (kind) VALUES ('fold');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER problem_reported_counted AFTER INSERT ON problem FOR EACH ROW EXECUTE FUNCTION problem_counted();
CREATE TRIGGER problem_changed_counted AFTER UPDATE ON problem FOR EACH ROW
    WHEN ((OLD.status, OLD.year, OLD.priority, OLD.store_code, OLD.holder_division_code, OLD.holder_department_code, OLD.holder_pic_nik,
           OLD.assignee_nik) IS DISTINCT FROM
          (NEW.status, NEW.year, NEW.priority, NEW.store_code, NEW.holder_division_code, NEW.holder_department_code, NEW.holder_pic_nik,
           NEW.assignee_nik))
    EXECUTE FUNCTION problem_counted();

-- What is counted otherwise than the problems are, and by how much; of an empty `problem_count` all that is to be added up.
CREATE FUNCTION miscounted_problems() RETURNS SETOF problem_count LANGUAGE sql STABLE AS $$
    SELECT b.scope, b.year, b.priority, b.status, sum(b.number)::integer
      FROM (SELECT s.scope, p.year, coalesce(p.priority, 6)::smallint AS priority, p.status, count(*) AS number
              FROM problem p,
                   unnest(scopes(p.store_code, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik)) s (scope)
             GROUP BY s.scope, p.year, coalesce(p.priority, 6), p.status
             UNION ALL
            SELECT n.scope, n.year, n.priority, n.status, -n.number FROM problem_count_now n) b
     GROUP BY b.scope, b.year, b.priority, b.status HAVING sum(b.number) <> 0
     ORDER BY b.scope, b.year, b.priority, b.status
$$;

-- Counts the problems, of which nobody has to wait: those that its one statement sees. What is changed meanwhile is noted.
CREATE FUNCTION recount_problems() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);      -- one at a time, as fold_problem_counts
    INSERT INTO problem_count AS c SELECT * FROM miscounted_problems()
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

-- Adds up what is not added up yet. Nobody reads other numbers for it. The first time it counts the problems.
CREATE FUNCTION fold_problem_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1397310468);
    IF NOT EXISTS (SELECT FROM problem_count) THEN
        PERFORM recount_problems();
    END IF;
    WITH folded AS (DELETE FROM problem_count_change RETURNING *)
    INSERT INTO problem_count AS c
    SELECT s.scope, f.year, f.priority, f.status, sum(f.difference) FROM folded f, unnest(f.scopes) s (scope)
     GROUP BY s.scope, f.year, f.priority, f.status HAVING sum(f.difference) <> 0
    ON CONFLICT (scope, year, priority, status) DO UPDATE SET number = c.number + excluded.number;
END $$;

INSERT INTO job (kind) VALUES ('fold');
