"""Work that is not a request's: a module for each kind of job, and the worker that does them."""
