"""What must be made anew in a forked child. Runs in the child's only thread, before anything else there.

A fork copies locks in whatever state they are in, and none of the threads that would release them. So every
object of ours that holds a lock, a descriptor or a thread registers here, and replaces it without touching
the old one.

Under gevent the threads are greenlets, and live on in the child. None may run before all is renewed, as it
would find the parent's connections. So nothing here waits or notifies a condition, which gives others a turn.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """An object that has something to make anew after a fork."""

    def after_fork_in_child(self) -> None:
        """Replaces locks, forgets threads and closes descriptors, waiting for nothing."""


_registered: weakref.WeakSet[Forked] = weakref.WeakSet()


def register(item: Forked) -> None:
    """Has ``item.after_fork_in_child()`` called in every child forked while the item lives."""
    _registered.add(item)


def _renew_all() -> None:
    with contextlib.ExitStack() as renewals:  # one that fails must not leave the others their parent's locks
        for item in list(_registered):
            renewals.callback(item.after_fork_in_child)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
