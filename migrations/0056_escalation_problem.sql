-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- Who passed a problem on is looked for by the problem.
DROP INDEX CONCURRENTLY IF EXISTS escalation_problem;
CREATE INDEX CONCURRENTLY escalation_problem ON escalation (problem_id, sent_at);
