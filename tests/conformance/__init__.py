"""Fresh pairs: what google-genai and this library send for the same call. `tox -e conformance` runs it."""
