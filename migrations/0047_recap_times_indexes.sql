-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- The times of a month in their order, of the company and of each holder.

DROP INDEX CONCURRENTLY IF EXISTS movement_longest;
CREATE INDEX CONCURRENTLY movement_longest ON movement (month, held, problem_id, version) WHERE held IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS movement_waited;
CREATE INDEX CONCURRENTLY movement_waited ON movement (month, holder, waited) WHERE waited > '0';
DROP INDEX CONCURRENTLY IF EXISTS movement_held;
CREATE INDEX CONCURRENTLY movement_held ON movement (month, holder, held) WHERE held IS NOT NULL;
