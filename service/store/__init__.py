"""The shelves: the tables of a course, and the database that holds them."""
