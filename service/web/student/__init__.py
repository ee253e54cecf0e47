"""The pages of a student."""
