"""The HTTP API: a table of routes, a resource a file."""
