-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- What is due when.

DROP INDEX CONCURRENTLY IF EXISTS problem_due;
CREATE INDEX CONCURRENTLY problem_due ON problem
    (due_at, id, status, coalesce(priority, 6), holder_division_code, holder_department_code, coalesce(assignee_nik, holder_pic_nik), store_code, year)
    WHERE status IN ('reported', 'open', 'waiting', 'escalated');
