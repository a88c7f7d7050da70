-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- The job that ends the wait of a problem.

DROP INDEX CONCURRENTLY IF EXISTS job_resumption;
CREATE INDEX CONCURRENTLY job_resumption ON job (((arguments ->> 'problem_id')::bigint)) WHERE kind = 'resumption';
