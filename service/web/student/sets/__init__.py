"""A student's sets: all of them, each, and what is still to do."""
