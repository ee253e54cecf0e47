"""Mistakes on the way forward, in the loss, and on the way back; a family a file."""
