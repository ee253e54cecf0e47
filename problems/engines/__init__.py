"""Engines that differentiate, written by students: programs drawn for them, and their scripts."""
