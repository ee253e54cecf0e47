"""What all doors over HTTP share: requests, replies, limits, the server, logs and metrics."""
