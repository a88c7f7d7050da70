-- The holidays of the years that nobody has entered.

INSERT INTO job (kind) VALUES ('holidays');
