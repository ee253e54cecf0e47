"""The pages of whoever comes by, without a token."""
