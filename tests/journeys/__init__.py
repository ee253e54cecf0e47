"""Whole journeys through the pages in Chromium: of a visitor, a student and an instructor."""
