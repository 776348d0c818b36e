"""The bounded queue: order, bounds, hysteresis, and its end."""

import queue
import threading

import pytest

from genai_live.errors import LiveTimeout, ReceiveBufferFull
from genai_live.runtime.mailbox import ITEM_OVERHEAD, MOST_UNANNOUNCED, Mailbox, MailboxEnded
from genai_live.waiting import Deadline
from tests.timing import SOON, eventually


def _mailbox(high_mark=10, hard_limit=20):
    rooms = []
    box = Mailbox(
        lambda: rooms.append(box._lock.acquire(blocking=False) and box._lock.release()),
        high_mark=high_mark * ITEM_OVERHEAD,
        hard_limit=hard_limit * ITEM_OVERHEAD,
    )
    return box, rooms


def test_first_in_first_out():
    """Items come out in the order in which they went in."""
    box, _ = _mailbox()
    for number in range(5):
        box.put(number, 0)
    assert len(box) == 5
    assert [box.get(Deadline(0)) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert box.get_nowait() is None


def test_get_waits_until_its_deadline_only():
    """Nothing in time is a LiveTimeout; something is handed over at once."""
    box, _ = _mailbox()
    with pytest.raises(LiveTimeout):
        box.get(Deadline(0.01))
    threading.Timer(0.02, box.put_always, ("late",)).start()
    assert box.get(Deadline(None)) == "late"


def test_an_empty_mailbox_has_itself_filled_before_anybody_waits():
    """As often as that brings something; a deadline that is over is none to wait for."""
    brings, asked = [True, True, False], []

    def fill(deadline):
        asked.append(deadline)
        if brings.pop(0):
            box.put(len(asked), 0)
            return True
        return False

    box = Mailbox(lambda: None, fill)
    assert [box.get(Deadline(SOON)), box.get(Deadline(None))] == [1, 2]
    with pytest.raises(LiveTimeout):
        box.get(Deadline(0.01))
    assert len(asked) == 3
    with pytest.raises(LiveTimeout):
        box.get(Deadline(0))
    assert len(asked) == 3


@pytest.mark.parametrize("announced", ["when it is told", "when enough have come"])
def test_a_consumer_that_waits_is_woken(announced):
    """Not by each item: when ``wake`` is called, or when so many bytes have come."""
    box, _ = _mailbox(high_mark=10_000, hard_limit=10_000)
    got = queue.SimpleQueue()
    waiting = threading.Thread(target=lambda: got.put(box.get(Deadline(None))))
    waiting.start()
    eventually(lambda: box._waiting)
    box.put(0, 0)
    with pytest.raises(queue.Empty):
        got.get(timeout=0.05)
    if announced == "when it is told":
        box.wake()
    else:
        box.put(1, MOST_UNANNOUNCED)
    assert got.get(timeout=SOON) == 0
    waiting.join(SOON)


def test_full_at_the_high_mark_until_half_is_taken():
    """The reader is told once, outside of the lock, when there is room again."""
    box, rooms = _mailbox()
    for _ in range(9):
        box.put(None, 0)
    assert not box.full
    box.put(None, 0)
    assert box.full
    for taken in range(1, 11):
        box.get(Deadline(0))
        assert box.full is (taken < 5)
    assert len(rooms) == 1
    assert box.bytes == 0
    assert box.peak_bytes == 10 * ITEM_OVERHEAD


def test_the_hard_limit_is_never_passed():
    """An item that does not fit is refused; news of the session's life is not."""
    box, _ = _mailbox(hard_limit=3)
    box.put("a", 2 * ITEM_OVERHEAD)
    with pytest.raises(ReceiveBufferFull, match="1 unread messages hold 3072 bytes; the limit is 3072"):
        box.put("b", 0)
    box.put_always("news")
    assert [box.get(Deadline(0)) for _ in range(2)] == ["a", "news"]


def test_the_end_comes_after_the_items_and_to_every_waiter():
    """What was put before the end can be taken after it."""
    box, _ = _mailbox()
    box.put("last", 0)
    box.end()
    assert box.get(Deadline(0)) == "last"
    for _ in range(2):
        with pytest.raises(MailboxEnded):
            box.get(Deadline(0))


def test_the_end_wakes_a_waiter():
    """A consumer that waits learns of the end at once."""
    box, _ = _mailbox()
    threading.Timer(0.02, box.end).start()
    with pytest.raises(MailboxEnded):
        box.get(Deadline(SOON))


def test_many_items_between_two_threads():
    """A producer and a consumer at full speed lose nothing and keep the order."""
    box, _ = _mailbox(high_mark=10**6, hard_limit=10**7)
    producer = threading.Thread(target=lambda: [box.put(number, 0) for number in range(20_000)])
    producer.start()
    assert [box.get(Deadline(SOON)) for _ in range(20_000)] == list(range(20_000))
    producer.join(SOON)
