"""What a student hands in, read: a file, a folder, a zip or a notebook, as files by their paths."""
