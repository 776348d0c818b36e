"""The soak: many voice sessions over TLS under faults, and every message accounted for.

`python -m tests.soak --seconds 600 --sessions 50`, or `tox -e soak`. Three processes: the service, the
network between (one fault proxy a session), and the client whose sessions are watched.
"""
