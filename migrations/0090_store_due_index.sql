-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- What is due when, of each store by itself.

DROP INDEX CONCURRENTLY IF EXISTS problem_store_due;
CREATE INDEX CONCURRENTLY problem_store_due ON problem (store_code, due_at, id, status, coalesce(priority, 6), year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
