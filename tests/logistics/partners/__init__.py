"""Tests of the partners' wing."""
