"""Waiting that ends: deadlines, wake-ups, and calls that cannot be cancelled."""

from genai_live.waiting.deadline import Deadline, seconds
from genai_live.waiting.greenlets import give_way
from genai_live.waiting.shared_calls import SHARED_CALLS, Interrupted, SharedCalls
from genai_live.waiting.wakeup import Wakeup

__all__ = ["SHARED_CALLS", "Deadline", "Interrupted", "SharedCalls", "Wakeup", "give_way", "seconds"]
