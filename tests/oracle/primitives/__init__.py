"""Tests of the primitives that programs are made of."""
