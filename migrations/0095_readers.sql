-- squawk-ignore-file adding-foreign-key-constraint
-- What a person has chosen of how pages look, and when they were here: nobody else's business, and no history of it is kept. A visit ends
-- with half an hour in which no page is asked for by hand; `visited_at` is when the one before this one did.
CREATE TABLE reader (
    nik         text PRIMARY KEY REFERENCES employee,
    theme       text NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
    density     text NOT NULL DEFAULT 'roomy' CHECK (density IN ('roomy', 'compact')),
    seen_at     timestamptz,                                      -- noted at most once a minute
    visited_at  timestamptz CHECK (visited_at <= seen_at)
);

-- Somebody is here; after half an hour away it is another visit.
CREATE FUNCTION note_visit(reader_nik text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO reader AS r (nik, seen_at) VALUES (reader_nik, now())
        ON CONFLICT (nik) DO UPDATE SET seen_at = now(),
            visited_at = CASE WHEN r.seen_at < now() - interval '30 minutes' THEN r.seen_at ELSE r.visited_at END
         WHERE r.seen_at IS NULL OR r.seen_at < now() - interval '1 minute'
$$;
