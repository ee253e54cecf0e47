"""What is laid into the process of somebody's tests; it imports nothing of ours."""
