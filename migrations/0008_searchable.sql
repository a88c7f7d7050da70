-- squawk-ignore-file adding-field-with-default
-- What looks the same is found the same: names of stores and people are searched without capitals, accents, hyphens and what cannot be seen.

-- What a search compares: a text without capitals, accents, hyphens, quotes and what cannot be seen, any blank as one. The
-- function of the same name in formats/text.py does the same (docs/decisions/0085). It depends on no collation.
CREATE FUNCTION searchable(typed text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE found text COLLATE "C" := typed;
BEGIN
    IF octet_length(found) = length(found) THEN
        found := translate(found, E'\t\n\x0B\f\r-''"`', '     ');
    ELSE
        -- what cannot be seen; dashes and quotes; blanks; accents; letters and capitals that are none of these
        found := regexp_replace(found,
            '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164'
            '\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff'
            '''"`\u00ab\u00b4\u00bb\u02b9-\u02bd\u02c8\u02ca\u02cb\u02d7\u02dd\u0374\u058a\u05be\u1400\u1806\u1fef\u1ffd'
            '\u2010-\u2015\u2018-\u201f\u2032-\u2037\u2039\u203a\u2043\u2057\u207b\u208b\u2212\u2e3a\u2e3b\u2e40\u301c-\u301f'
            '\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff02\uff07\uff0d\uff40-]', '', 'g');
        found := regexp_replace(found, '[\t\n\x0B\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]', ' ', 'g');
        found := regexp_replace(normalize(found, NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g');
        IF octet_length(found) <> length(found) THEN
            found := replace(replace(replace(found, 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss');
            found := replace(replace(replace(found, 'Æ', 'ae'), 'Œ', 'oe'), 'ẞ', 'ss');
            found := translate(found,
                'ÐØÞĐĦŁŊŦΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯøđðłħıŧŋ',
                'doþdhlntαβγδεζηθικλμνξοπρστυφχψωσђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяoddlhitn');
        END IF;
    END IF;
    RETURN btrim(regexp_replace(lower(found), ' {2,}', ' ', 'g'), ' ');
END $$;

-- A few thousand rows, rewritten in some ten milliseconds.
-- squawk-ignore adding-not-nullable-field
ALTER TABLE store ADD COLUMN search_text text NOT NULL
    GENERATED ALWAYS AS (searchable(code) || ' ' || searchable(name)) STORED;
