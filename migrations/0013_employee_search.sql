-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- People are found by a part of their NIK and name.

DROP INDEX CONCURRENTLY IF EXISTS employee_search;
CREATE INDEX CONCURRENTLY employee_search ON employee USING gin (searchable(nik || ' ' || name) gin_trgm_ops);
