-- What 0034 asks of new rows holds for all of them.

ALTER TABLE event VALIDATE CONSTRAINT event_known_cause;
ALTER TABLE event VALIDATE CONSTRAINT event_by_whom;
ALTER TABLE escalation VALIDATE CONSTRAINT escalation_answered;
ALTER TABLE escalation VALIDATE CONSTRAINT escalation_known_answer;
ALTER TABLE escalation VALIDATE CONSTRAINT escalation_says_why;
