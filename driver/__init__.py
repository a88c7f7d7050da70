"""The database driver (asyncpg): what its connections must never do, whoever uses them."""
