"""What the library costs, measured beside the official SDKs: `tox -e bench`, or ``python -m tests.bench``."""
