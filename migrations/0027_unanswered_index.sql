-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- What has been closed and nobody has answered.

DROP INDEX CONCURRENTLY IF EXISTS problem_unanswered;
CREATE INDEX CONCURRENTLY problem_unanswered ON problem (changed_at) WHERE status = 'closed' AND confirmed_at IS NULL;
