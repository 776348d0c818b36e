"""What drives a session: its reader thread, bounded inbox and ordered callbacks; the client's workers."""

from genai_live.runtime.callbacks import CallbackDispatcher, LiveCallbacks
from genai_live.runtime.driver import Driver
from genai_live.runtime.mailbox import Mailbox, MailboxEnded
from genai_live.runtime.pool import WorkerPool
from genai_live.runtime.registry import SessionRegistry
from genai_live.runtime.statistics import SessionStats

__all__ = [
    "CallbackDispatcher",
    "Driver",
    "LiveCallbacks",
    "Mailbox",
    "MailboxEnded",
    "SessionRegistry",
    "SessionStats",
    "WorkerPool",
]
