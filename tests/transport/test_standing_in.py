"""A thread that waits for messages reads them by itself, in place of the reader thread that waits as well."""

import contextlib
import errno
import random
import select
import threading

import pytest

from genai_live.errors import LiveError
from genai_live.transport import TransportClosed, WebSocketClientFactory
from genai_live.waiting import Deadline
from genai_live.waiting.wakeup import Readiness, poll
from tests.certificates import client_context, server_context
from tests.raw_server import PING, PONG, TEXT, RawServer, close_frame, frame
from tests.timing import SOON, eventually, scaled
from tests.transport.connections import connected

pytestmark = pytest.mark.skipif(not Readiness.available, reason="no EPOLLEXCLUSIVE on this system")


class Reading:
    """The reader thread: what it received, how often it waited, and what ended it."""

    def __init__(self, transport, timeout=SOON, stop_after=None):
        self.transport = transport
        self.received, self.waits, self.error = [], 0, None
        self._timeout, self._stop_after = timeout, stop_after
        self.thread = threading.Thread(target=self._read)

    def _read(self):
        try:
            while self._stop_after is None or len(self.received) < self._stop_after:
                self.received.append(
                    self.transport.receive(self._timeout, before_waiting=self._before_waiting)
                )
        except Exception as error:
            self.error = error

    def _before_waiting(self):
        self.waits += 1

    def stand_in(self, handle=lambda _: True, timeout=SOON, unless=lambda: False):
        """Stands in as soon as the reader thread can be replaced; ``unless`` is called then."""
        # The first attempt wakes the reader thread, so that it waits in another way. Until then it may want
        # its place back at once.
        self.transport.stand_in(handle, 0, unless=lambda: True)
        eventually(lambda: not poll({self.transport._wakeup.fileno(): select.POLLIN}, Deadline(0)))
        stood, asked = [], []

        def tried():
            stood[:] = [self.transport.stand_in(handle, timeout, unless=lambda: asked.append(1) or unless())]
            return asked

        eventually(tried)
        return stood[0]


@contextlib.contextmanager
def reading(handle, tls=False, **options):
    """A connection that a thread reads."""
    with connected(handle, tls=tls) as transport:
        reader = Reading(transport, **options)
        reader.thread.start()
        try:
            yield reader
        finally:
            transport.abort()
            reader.thread.join(SOON)


def when_told(*frames):
    """A server that sends one frame each time it is told to, and the function that tells it."""
    told = threading.Semaphore(0)

    def handle(peer):
        for each in frames:
            assert told.acquire(timeout=SOON)
            peer.send(each)
        peer.wait_until_told()

    return handle, told.release


@pytest.mark.parametrize("tls", [False, True])
def test_the_message_is_read_by_the_thread_that_waits_for_it(tls):
    """And the reader thread gets none of it."""
    handle, tell = when_told(frame(TEXT, b"one"), frame(TEXT, b"two"))
    came = []

    def handle_message(message):
        came.append((message, threading.current_thread()))
        return True

    with reading(handle, tls) as reader:
        for _ in range(2):
            assert reader.stand_in(handle_message, unless=tell)
    here = threading.current_thread()
    assert came == [("one", here), ("two", here)]
    assert reader.received == []


def test_nobody_stands_in_for_a_thread_that_does_not_wait():
    """It returns at once, and reads nothing."""
    handle, tell = when_told(frame(TEXT, b"one"))
    tell()
    with connected(handle) as transport:
        for _ in range(3):
            assert not transport.stand_in(lambda _: pytest.fail("it read"), SOON, unless=lambda: False)
        assert transport.receive(SOON) == "one"


@pytest.mark.parametrize("tls", [False, True])
def test_nobody_stands_in_before_there_is_a_connection(tls):
    """Until the upgrade the descriptor may change hands, from the bare socket to that of TLS."""
    tried = threading.Event()

    def handle(peer):
        assert tried.wait(SOON)
        peer.upgrade()
        peer.send(frame(TEXT, b"one"))
        peer.wait_until_told()

    with RawServer(handle, tls=server_context() if tls else None) as server:
        transport = WebSocketClientFactory(client_context())(server.url, {}, timeout=SOON)
        connecting = threading.Thread(target=transport.connect)
        connecting.start()
        try:
            eventually(lambda: transport._stream is not None)
            assert not transport.stand_in(lambda _: pytest.fail("it read"), SOON, unless=lambda: False)
            assert transport._stream._readiness is None
            tried.set()
            connecting.join(SOON)
            assert transport.receive(SOON) == "one"
        finally:
            transport.dispose()


@pytest.mark.parametrize("tls", [False, True])
def test_what_comes_while_nobody_stands_in_goes_to_the_reader_thread(tls):
    """It reads on as if nobody had ever stood in."""
    handle, tell = when_told(*(frame(TEXT, b"%d" % number) for number in range(3)))
    with reading(handle, tls) as reader:
        assert reader.stand_in(unless=tell)
        tell()
        eventually(lambda: reader.received == ["1"])
        tell()
        eventually(lambda: reader.received == ["1", "2"])


def irregular(count):
    """A server that sends so many numbered messages: small and large, together and apart."""

    def handle(peer):
        dice, pause = random.Random(3), threading.Event()
        numbers = list(range(count))
        while numbers:
            together = dice.choice((1, 1, 2, 30))
            batch, numbers = numbers[:together], numbers[together:]
            bodies = [b"%d %s" % (number, b"x" * dice.choice((0, 10, 5000, 40_000))) for number in batch]
            peer.send(b"".join(frame(TEXT, body) for body in bodies))
            pause.wait(dice.choice((0, 0, 0.0003, 0.001)))
        peer.wait_until_told()

    return handle


@pytest.mark.parametrize("tls", [False, True])
def test_every_message_is_read_once_and_in_order_whoever_reads_it(tls):
    """While a thread stands in now and then, hands back at times, and is away at others."""
    count, read, stood_in = 3000, [], 0
    dice, done, lock = random.Random(4), threading.Event(), threading.Lock()

    def note(message):
        with lock:
            read.append(int(message.split(" ")[0]))
        return dice.random() > 0.1

    def read_on():
        with contextlib.suppress(TransportClosed):
            while True:
                message = transport.receive(SOON)
                if message is not None:
                    note(message)

    with connected(irregular(count), tls=tls) as transport:
        reader = threading.Thread(target=read_on)
        reader.start()
        try:
            deadline = Deadline(SOON)
            while len(read) < count:
                assert not deadline.expired
                stood_in += transport.stand_in(note, 0.01, unless=lambda: len(read) >= count)
                done.wait(dice.choice((0, 0, 0, 0.001)))
        finally:
            transport.abort()
            reader.join(SOON)
    assert read == list(range(count))
    assert stood_in > 10


def test_a_wake_up_is_for_the_reader_thread():
    """Who stands in leaves, and ``receive`` returns None."""
    with reading(lambda peer: peer.wait_until_told(), stop_after=1) as reader:
        threading.Timer(scaled(0.05), reader.transport.wake).start()
        assert not reader.stand_in(timeout=None)
        reader.thread.join(SOON)
        assert reader.received == [None]


def test_the_deadline_of_the_reader_thread_holds():
    """It comes back to its place in time, though somebody stands in for longer."""
    with reading(lambda peer: peer.wait_until_told(), timeout=scaled(0.2), stop_after=1) as reader:
        assert not reader.stand_in(timeout=None)
        reader.thread.join(SOON)
        assert reader.received == [None]


def test_who_stands_in_leaves_at_its_own_deadline():
    """And has read nothing then."""
    with reading(lambda peer: peer.wait_until_told()) as reader:
        assert not reader.stand_in(timeout=0.01)
        assert reader.received == []


def test_the_last_look_is_taken_in_the_place():
    """Who need not wait any more does not, and reads nothing."""
    handle, tell = when_told(frame(TEXT, b"one"))
    with reading(handle) as reader:
        assert not reader.stand_in(timeout=None, unless=lambda: True)
        tell()
        eventually(lambda: reader.received == ["one"])


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("end", [close_frame(1011, "broken"), b""], ids=["close-frame", "nothing"])
def test_the_end_of_the_connection_is_told_to_the_reader_thread(end, tls):
    """Whether by a close frame or without one."""
    told = threading.Event()

    def handle(peer):
        assert told.wait(SOON)
        peer.send(end)

    with reading(handle, tls) as reader:
        reader.stand_in(timeout=None, unless=told.set)
        reader.thread.join(SOON)
        assert isinstance(reader.error, TransportClosed)
        assert reader.error.code == (1011 if end else 1006)


def test_what_its_handler_raises_is_raised_in_the_reader_thread():
    """As that is who knows what to do about it."""
    handle, tell = when_told(frame(TEXT, b"one"))

    def refuse(_):
        raise TransportClosed(1006, "enough of this")

    with reading(handle) as reader:
        assert reader.stand_in(refuse, unless=tell)
        reader.thread.join(SOON)
        assert reader.error.reason == "enough of this"


def test_an_interruption_of_who_stands_in_ends_the_reading():
    """Nobody knows what was done of the message; it is raised in both threads, here as the cause."""
    handle, tell = when_told(frame(TEXT, b"one"))

    def interrupt(_):
        raise RuntimeError("stop it")

    with reading(handle) as reader:
        with pytest.raises(RuntimeError):
            reader.stand_in(interrupt, unless=tell)
        reader.thread.join(SOON)
        assert isinstance(reader.error, LiveError)
        assert isinstance(reader.error.__cause__, RuntimeError)


@pytest.mark.parametrize("limit", [0, 1])
def test_without_descriptors_to_spare_the_reader_thread_reads(limit, monkeypatch):
    """Nobody can stand in then, which is no reason to fail."""
    left = [select.epoll() for _ in range(limit)]

    def epoll():
        if not left:
            raise OSError(errno.EMFILE, "too many open files")
        return left.pop()

    monkeypatch.setattr(select, "epoll", epoll)
    handle, tell = when_told(frame(TEXT, b"one"))
    with reading(handle) as reader:
        for _ in range(2):
            assert not reader.transport.stand_in(lambda _: True, SOON, unless=lambda: False)
        tell()
        eventually(lambda: reader.received == ["one"])
    assert not left


def test_the_handler_can_hand_back():
    """What it did not get, though it came at the same time, goes to the reader thread."""
    handle, tell = when_told(b"".join(frame(TEXT, b"%d" % number) for number in range(3)))
    came = []
    with reading(handle) as reader:
        assert reader.stand_in(lambda message: came.append(message) or False, unless=tell)
        eventually(lambda: [message for message in reader.received if message] == ["1", "2"])
    assert came == ["0"]


def flooded():
    """What comes to one who stands in where much comes at once, and what the reader thread receives."""
    together, came = 100, []
    handle, tell = when_told(frame(TEXT, b"x" * 4000) * together)
    with reading(handle, timeout=None) as reader:
        reader.stand_in(lambda message: came.append(message) or True, unless=tell)
        eventually(lambda: len(came) + sum(map(bool, reader.received)) == together)
        return came, reader.received


def test_one_who_stands_in_does_not_read_without_end():
    """In a flood the reader thread takes over, so that what was read can be consumed."""
    for _ in range(20):  # a slow server's messages seem to have ended before they have
        came, received = flooded()
        if None in received:
            break
    assert came
    assert None in received


@pytest.mark.parametrize("tls", [False, True])
def test_a_ping_is_answered_by_whoever_reads(tls):
    """In the place of the reader thread, and by itself."""
    told, answered = threading.Semaphore(0), threading.Semaphore(0)

    def handle(peer):
        for _ in range(2):
            assert told.acquire(timeout=SOON)
            peer.send(frame(PING, b"there?"))
            assert peer.read_frame()[1:] == (PONG, b"there?")
            answered.release()
        peer.wait_until_told()

    with reading(handle, tls) as reader:
        assert reader.stand_in(unless=told.release)
        assert answered.acquire(timeout=SOON)
        told.release()
        assert answered.acquire(timeout=SOON)


def test_a_reader_that_is_woken_for_nothing_waits_again():
    """A wake-up is taken back when it was heard: the reader does not turn round and round."""
    with reading(lambda peer: peer.wait_until_told()) as reader:
        eventually(lambda: reader.waits == 1)
        reader.transport._wakeup.set()
        eventually(lambda: reader.waits == 2)
        assert not threading.Event().wait(scaled(0.05))
        assert reader.waits == 2
