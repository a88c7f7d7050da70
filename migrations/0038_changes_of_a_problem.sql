-- What one person may do to problems, beside comments: 1,000 changes, then one in 4 s; 100 to one problem, then one a minute.

INSERT INTO budget_rule (kind, capacity, unit, longest) VALUES
    ('changes', 1000, '4 seconds', NULL), ('changes of a problem', 100, '1 minute', NULL);
