"""Benchmarks: what Upstream does beside the least that could do it, in one run on PostgreSQL. `make bench`."""
