"""What a course's work comes to: gradebook, statistics, standing."""
