"""Who takes part in a course: tokens, courses, the roster."""
