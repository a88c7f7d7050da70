-- What one person may write on one problem: 60 comments, then one a minute.

INSERT INTO budget_rule (kind, capacity, unit, longest) VALUES ('comments of a problem', 60, '1 minute', NULL);
