-- What 0025 asks of new events holds for all of them.

ALTER TABLE event VALIDATE CONSTRAINT event_known_cause;
ALTER TABLE event VALIDATE CONSTRAINT event_by_whom;
