-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- What waits is unfinished too; what is assigned to somebody, and how much of it is.

DROP INDEX CONCURRENTLY IF EXISTS problem_pic_held;
CREATE INDEX CONCURRENTLY problem_pic_held ON problem (holder_pic_nik) WHERE status IN ('open', 'waiting', 'escalated');
DROP INDEX CONCURRENTLY IF EXISTS problem_assignee_load;
CREATE INDEX CONCURRENTLY problem_assignee_load ON problem (assignee_nik) WHERE status IN ('open', 'waiting');
DROP INDEX CONCURRENTLY IF EXISTS problem_assignee;
CREATE INDEX CONCURRENTLY problem_assignee ON problem (assignee_nik, year, id) WHERE assignee_nik IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS problem_unfinished_priority;
CREATE INDEX CONCURRENTLY problem_unfinished_priority ON problem (coalesce(priority, 6), id) WHERE status IN ('reported', 'open', 'waiting', 'escalated');
DROP INDEX CONCURRENTLY IF EXISTS problem_unfinished_status;
CREATE INDEX CONCURRENTLY problem_unfinished_status ON problem (id, status) WHERE status IN ('reported', 'open', 'waiting', 'escalated');
DROP INDEX CONCURRENTLY IF EXISTS problem_pic_load;
DROP INDEX CONCURRENTLY IF EXISTS problem_unfinished;
DROP INDEX CONCURRENTLY IF EXISTS problem_unclosed;
