"""Mistakes in what is made of gradients, and in what is handed in of it; a family a file."""
