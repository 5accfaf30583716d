"""Local stand-ins of the hosts that Almanac reads, for tests, benchmarks and the demonstration."""
