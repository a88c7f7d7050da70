-- Store heads give initial PINs to people of their store (docs/decisions/0114).

INSERT INTO budget_rule (kind, capacity, unit, longest) VALUES
    ('initial pins',            60, '10 minutes', NULL),
    ('initial pins of a person', 5, '1 hour',     NULL);

-- Whether a store head vouches for somebody, and so may give that person a PIN, with which anybody gets in as that person: for
-- people of the own store who may do no more than a store head.
CREATE FUNCTION vouches_for(head employee, e employee) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN head.is_store_head AND head.active AND head.nik <> e.nik AND head.store_code = e.store_code
           AND e.active AND e.leaving_since IS NULL AND e.scopes <@ ARRAY['reporter', 'store head'];
