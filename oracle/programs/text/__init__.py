"""A program's text as Python's parser takes it, and what of that is read as a program."""
