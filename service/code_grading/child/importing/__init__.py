"""What is handed in, imported statement by statement: what fails is left out, and noted."""
