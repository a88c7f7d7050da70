-- What 0018 asks of new rows holds for all of them.

ALTER TABLE event VALIDATE CONSTRAINT event_known_cause;
ALTER TABLE event VALIDATE CONSTRAINT event_says_why;
ALTER TABLE escalation VALIDATE CONSTRAINT escalation_known_answer;
ALTER TABLE escalation VALIDATE CONSTRAINT escalation_says_why;
