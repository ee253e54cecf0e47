"""Exercises as PrairieLearn questions that grade drawn variants on the course's own server."""
