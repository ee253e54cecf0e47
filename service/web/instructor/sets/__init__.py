"""A set as its instructor makes it: written, looked over, changed."""
