-- The list is narrowed by department, PIC, priority and reporter as well, and to what is unfinished. The function
-- of the same name with fewer parameters is the version's before, which may still serve.

CREATE FUNCTION in_filter(p problem, year integer, division_code text, department_code text, pic_nik text, store_code text,
                          priority integer, reporter_nik text, patterns text[], number bigint, status text)
RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (in_filter.year IS NULL OR p.year = in_filter.year)
       AND (in_filter.division_code IS NULL OR p.holder_division_code = in_filter.division_code)
       AND (in_filter.department_code IS NULL OR p.holder_department_code = in_filter.department_code)
       AND (in_filter.pic_nik IS NULL OR p.holder_pic_nik = in_filter.pic_nik)
       AND (in_filter.store_code IS NULL OR p.store_code = in_filter.store_code)
       AND (in_filter.priority IS NULL OR coalesce(p.priority, 6) = in_filter.priority)
       AND (in_filter.reporter_nik IS NULL OR p.reporter_nik = in_filter.reporter_nik)
       AND ((patterns IS NULL AND number IS NULL)
            OR p.id = number
            OR (p.search_text ILIKE patterns[1] AND p.search_text ILIKE ALL (patterns)))
       AND (in_filter.status IS NULL
            OR CASE in_filter.status WHEN 'unfinished' THEN p.status IN ('reported', 'open', 'escalated')
                                     ELSE p.status = in_filter.status END);
