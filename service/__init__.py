"""Doors and shelves: the command line and the HTTP service; no mathematics."""
