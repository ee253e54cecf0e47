"""Commands on a course, wherever it is: its database here, or its server."""
