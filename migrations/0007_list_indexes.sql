-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- The orders of the list, by priority and by change, and its filters by department, PIC and what is unfinished, each along an index.

DROP INDEX CONCURRENTLY IF EXISTS problem_priority;
CREATE INDEX CONCURRENTLY problem_priority ON problem (coalesce(priority, 6), id);
DROP INDEX CONCURRENTLY IF EXISTS problem_year_priority;
CREATE INDEX CONCURRENTLY problem_year_priority ON problem (year, coalesce(priority, 6), id);
DROP INDEX CONCURRENTLY IF EXISTS problem_status_priority;
CREATE INDEX CONCURRENTLY problem_status_priority ON problem (status, coalesce(priority, 6), id);
DROP INDEX CONCURRENTLY IF EXISTS problem_unfinished;
CREATE INDEX CONCURRENTLY problem_unfinished ON problem (coalesce(priority, 6), id) WHERE status IN ('reported', 'open', 'escalated');
DROP INDEX CONCURRENTLY IF EXISTS problem_year_changed;
CREATE INDEX CONCURRENTLY problem_year_changed ON problem (year, changed_at, id);
DROP INDEX CONCURRENTLY IF EXISTS problem_changed_id;
CREATE INDEX CONCURRENTLY problem_changed_id ON problem (changed_at, id);
DROP INDEX CONCURRENTLY IF EXISTS problem_changed;
DROP INDEX CONCURRENTLY IF EXISTS problem_holder_department;
CREATE INDEX CONCURRENTLY problem_holder_department ON problem (holder_department_code, year, id) WHERE holder_department_code IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS problem_holder_pic;
CREATE INDEX CONCURRENTLY problem_holder_pic ON problem (holder_pic_nik, year, id) WHERE holder_pic_nik IS NOT NULL;
