"""Scripts: the lines of plain Python that use a student's file, and bind what is asked."""
