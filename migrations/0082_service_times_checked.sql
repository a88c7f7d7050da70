-- What is used, allowed and due of a movement.

ALTER TABLE movement VALIDATE CONSTRAINT movement_worked;
