-- migrate: no transaction
-- What is old is looked for once in a while, along the whole table; nobody who logs in waits for these.

DROP INDEX CONCURRENTLY IF EXISTS budget_age;
DROP INDEX CONCURRENTLY IF EXISTS lookup_age;
