-- Who is PIC of two departments holds for the one that a problem is in.

CREATE OR REPLACE FUNCTION held_since(problem_id bigint) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN (SELECT max(lower(k.during)) FILTER (WHERE NOT k.continues) FROM (
                SELECT c.during, bool_or(upper_inf(c.during)) OVER () AS is_held,
                       coalesce(lag(upper(c.during)) OVER w = lower(c.during)
                           AND lag((c.division_code, c.department_code, c.pic_nik)::text) OVER w
                               = (c.division_code, c.department_code, c.pic_nik)::text, false) AS continues
                  FROM custody c WHERE c.problem_id = held_since.problem_id WINDOW w AS (ORDER BY c.during)) k
             WHERE k.is_held);
