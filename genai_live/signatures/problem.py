"""Why a signature cannot be declared. No threads, sockets or clock."""


class Undeclarable(Exception):
    """A part of a signature that JSON Schema cannot say. The message says which, and why."""
