"""What can be done in a course, by whom: the core behind the routes, the pages and the commands."""
