-- migrate: no transaction
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction
-- Whom somebody has to give a PIN.

DROP INDEX CONCURRENTLY IF EXISTS employee_without_pin;
CREATE INDEX CONCURRENTLY employee_without_pin ON employee (nik) WHERE pin_hash = '!';
