"""A course to look at: two sets, thirty students and a week of their work, mistakes among it."""
