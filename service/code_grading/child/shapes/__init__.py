"""The shapes that a program may have where no script says how it is used, one a file."""
