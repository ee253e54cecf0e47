"""Computation graphs, as lecturers draw them: operations in columns, values above their edges."""
