"""What drives a session: its reader thread, bounded inbox and ordered callbacks; the client's workers."""

from genai_live.runtime.alarms import Alarms
from genai_live.runtime.callbacks import CallbackDispatcher, Callbacks, LiveCallbacks, LiveMusicCallbacks
from genai_live.runtime.dialer import Dialer
from genai_live.runtime.driver import Driver
from genai_live.runtime.face import Face
from genai_live.runtime.incoming import turn_lost
from genai_live.runtime.mailbox import Mailbox, MailboxEnded
from genai_live.runtime.pool import WorkerPool
from genai_live.runtime.reading import MessageIterator
from genai_live.runtime.registry import SessionRegistry
from genai_live.runtime.statistics import SessionStats

__all__ = [
    "Alarms",
    "CallbackDispatcher",
    "Callbacks",
    "Dialer",
    "Driver",
    "Face",
    "LiveCallbacks",
    "LiveMusicCallbacks",
    "Mailbox",
    "MailboxEnded",
    "MessageIterator",
    "SessionRegistry",
    "SessionStats",
    "WorkerPool",
    "turn_lost",
]
