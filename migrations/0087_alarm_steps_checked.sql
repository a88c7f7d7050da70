-- The kinds of master data.

ALTER TABLE master_record VALIDATE CONSTRAINT master_record_kind_check;
