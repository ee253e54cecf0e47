"""What a program's expressions become in its graph, by kind."""
