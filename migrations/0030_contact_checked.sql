-- What 0029 asks of new rows holds for all of them.

ALTER TABLE employee VALIDATE CONSTRAINT employee_email;
ALTER TABLE employee VALIDATE CONSTRAINT employee_phone;
ALTER TABLE store VALIDATE CONSTRAINT store_phone;
