"""Mistakes that one type of layer invites; a family a file."""
