"""The pages of staff: a course in a browser."""
