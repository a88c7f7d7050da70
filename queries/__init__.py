"""All SQL that names a table. One function asks one question; none of them knows a request."""
