-- What 0015 asks of new events holds for all of them.

ALTER TABLE event VALIDATE CONSTRAINT event_says_why;
