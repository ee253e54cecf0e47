"""What is of the whole course: its tokens, its log, the server's settings."""
