"""A reference model of a session: what a server has seen, what a user was told, and what must follow."""
