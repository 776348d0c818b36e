"""One client a file, each run in a process of its own. What they can all do has the same names in all."""
