-- What 0020 asks of new rows holds for all of them.

ALTER TABLE problem VALIDATE CONSTRAINT problem_known_status;
ALTER TABLE problem VALIDATE CONSTRAINT problem_waits;
ALTER TABLE problem VALIDATE CONSTRAINT problem_waits_for;
ALTER TABLE problem VALIDATE CONSTRAINT problem_assignee;
ALTER TABLE problem VALIDATE CONSTRAINT problem_assigned;
ALTER TABLE custody VALIDATE CONSTRAINT custody_assignee;
ALTER TABLE custody VALIDATE CONSTRAINT custody_assigned;
ALTER TABLE custody VALIDATE CONSTRAINT custody_waits_for;
ALTER TABLE event VALIDATE CONSTRAINT event_known_cause;
ALTER TABLE event VALIDATE CONSTRAINT event_says_why;
ALTER TABLE event VALIDATE CONSTRAINT event_by_whom;
