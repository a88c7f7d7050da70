"""HTTP: requests, answers, cookies, templates. Knows no person."""
