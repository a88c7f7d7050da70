-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- Searches look at the keys of a problem first, and at blocks of notes. Other names, so that the version before has its indexes until
-- the new ones are there.

DROP INDEX CONCURRENTLY IF EXISTS problem_found_by_key;
CREATE INDEX CONCURRENTLY problem_found_by_key ON problem USING gin (search_keys(
    id, year, status, holder_division_code, holder_department_code, holder_pic_nik, assignee_nik, store_code, reporter_nik, priority,
    changed_at), search_text gin_trgm_ops);
DROP INDEX CONCURRENTLY IF EXISTS note_found_by_key;
CREATE INDEX CONCURRENTLY note_found_by_key ON note_search USING gin (note_keys(problem_id), text gin_trgm_ops);
DROP INDEX CONCURRENTLY IF EXISTS problem_found;
DROP INDEX CONCURRENTLY IF EXISTS note_search_text;
