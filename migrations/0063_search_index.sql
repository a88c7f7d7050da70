-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- What was found by its text alone is found by this index too, also by the version before.

DROP INDEX CONCURRENTLY IF EXISTS problem_found;
CREATE INDEX CONCURRENTLY problem_found ON problem USING gin (search_text gin_trgm_ops, search_keys(
    id, year, status, holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, store_code, reporter_nik, priority,
    changed_at));
DROP INDEX CONCURRENTLY IF EXISTS problem_search;
