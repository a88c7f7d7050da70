"""Authentication: login, sessions, accounts, PINs. Knows no request: jobs and programs may call it as well."""
