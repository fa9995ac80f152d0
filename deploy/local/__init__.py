"""This is where the whole shop runs on one machine with no Docker: `make run`, the tests and the benchmarks."""
