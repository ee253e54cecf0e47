"""Tests of programs: read, typed, derived, proven."""
