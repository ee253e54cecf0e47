"""Drawings: an exercise's network or computation graph, and what is marked on it, as SVG.

Three things are kept apart: what is drawn (`scene`: nodes, edges and their labels, made of a
network and its marks in `networks`), where it stands (`layout`, which makes a `picture`), and how
it is written (`svg`, `style`). What a program computes is drawn in `graphs`, as another picture.
"""
