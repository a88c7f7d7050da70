-- A search is narrowed in its index to what the list is narrowed to.

-- The week of a moment, from the first of 1970 on.
CREATE FUNCTION search_week(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN date_part('day', at - timestamptz '1970-01-01 00:00:00+00')::integer / 7;
CREATE FUNCTION search_keys(id bigint, year smallint, status text, division_code text, department_code text, pic_nik text,
                            assignee_nik text, store_code text, reporter_nik text, priority smallint, changed_at timestamptz)
RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY['a' || (id >> 12)::text, 'b' || (id >> 16)::text,
                 'w' || search_week(changed_at)::text,
                 'y' || year::text, 's' || status, 'p' || coalesce(priority, 6)::text, 't' || store_code, 'r' || reporter_nik,
                 'd' || division_code, 'm' || department_code, 'i' || pic_nik, 'e' || assignee_nik,
                 CASE WHEN assignee_nik IS NULL THEN 'u' || division_code END];

-- What an index finds a problem by beside its text, each with a letter before it: the blocks of 4,096 and of 65,536 numbers it is in, the
-- week of its last change, and what the list is narrowed by; `u` is its division while it has no assignee.
CREATE FUNCTION search_keys(p problem) RETURNS text[] LANGUAGE sql IMMUTABLE
    RETURN search_keys(p.id, p.year, p.status, p.holder_division_code, p.holder_department_code, p.holder_pic_nik, p.assignee_nik,
                       p.store_code, p.reporter_nik, p.priority, p.changed_at);
