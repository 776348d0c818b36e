"""Forks of a patched program: its greenlets live on in the child, and must leave the connections alone."""

from tests.gevent.test_greenlets import with_and_without_tls, with_emulator

FORKING = """
    import select

    wait_natively = monkey.get_original("select", "poll")

    def sockets():
        return [int(fd) for fd in os.listdir("/proc/self/fd") if target(fd).startswith("socket:")]

    def something_has_come(milliseconds):
        poller = wait_natively()
        for descriptor in sockets():
            poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(milliseconds))

    def fork(function):
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            assert status == 0, status
            return
        # threading complains there of its inherited greenlets that end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            function()
        except BaseException as error:
            say(repr(error))
            os._exit(1)
        os._exit(0)
"""


@with_and_without_tls
def test_an_answer_that_came_before_the_fork_is_the_parents(tls, tmp_path):
    """What has come but has not been read is not taken by the reader's copy in the child."""
    program = (
        FORKING
        + """
    session = client.live.connect(model=MODEL, timeout=SECONDS)
    for number in range(10):
        session.send_client_content(turns=f"Hello {number}?", timeout=SECONDS)
        assert something_has_come(SECONDS * 1000)
        fork(ticker.wait)
        assert "".join(each.text or "" for each in session.receive(timeout=SECONDS)) == f"Hello {number}?"
    session.close()
    """
    )
    with with_emulator(program, tmp_path, tls=tls) as (emulator, _):
        pass
    assert [(each.closed_by, each.close_code) for each in emulator.connections] == [("client", 1000)]


@with_and_without_tls
def test_a_fork_while_connecting(tls, tmp_path):
    """Whatever step the connection is at, the child does not go on with it."""
    program = (
        FORKING
        + """
    def converse():
        with client.live.connect(model=MODEL, timeout=SECONDS) as session:
            return session.ask("Hello?", timeout=SECONDS).text

    conversation = gevent.spawn(converse)
    forks = 0
    while not conversation.ready():
        gevent.sleep(0)
        if something_has_come(20):
            fork(ticker.wait)
            forks += 1
    assert conversation.get() == "Hello?"
    assert forks
    """
    )
    with with_emulator(program, tmp_path, tls=tls) as (emulator, _):
        pass
    assert [(each.closed_by, each.close_code) for each in emulator.connections] == [("client", 1000)]


def test_a_fork_while_a_name_is_resolved(tmp_path):
    """The copy in the child gives up: it does not connect, when the name is resolved there."""
    program = (
        FORKING
        + """
    import socket

    release, resolve = threading.Event(), socket.getaddrinfo

    def resolve_slowly(*arguments, **options):
        if options.get("flags"):
            raise socket.gaierror
        release.wait()
        return resolve(*arguments, **options)

    def converse():
        with client.live.connect(model=MODEL, timeout=SECONDS) as session:
            return session.ask("Hello?", timeout=SECONDS).text

    def in_child():
        release.set()
        ticker.wait()

    socket.getaddrinfo = resolve_slowly
    answer = others_run_while(converse)
    fork(in_child)
    release.set()
    assert answer() == "Hello?"
    """
    )
    with with_emulator(program, tmp_path, tls=False) as (emulator, _):
        pass
    assert len(emulator.connections) == 1


@with_and_without_tls
def test_a_child_uses_the_client(tls, tmp_path):
    """It makes connections of its own, beside busy sessions of the parent; the parent's raise in it."""
    program = (
        FORKING
        + """
    from genai_live import LiveCallbacks, StateError

    idle = client.live.connect(model=MODEL, timeout=SECONDS)
    stopping, words = threading.Event(), []

    def converse():
        with client.live.connect(model=MODEL, timeout=SECONDS) as session:
            while not stopping.is_set():
                assert session.ask("busy", timeout=SECONDS).text == "busy"

    def in_child():
        try:
            idle.ask("Hello?", timeout=SECONDS)
        except StateError:
            say("not the child's")
        complete = threading.Event()

        def on_message(session, message):
            if message.server_content and message.server_content.turn_complete:
                complete.set()

        callbacks = LiveCallbacks(on_message=on_message)
        with client.live.connect(model=MODEL, timeout=SECONDS) as pulled:
            with client.live.connect(model=MODEL, timeout=SECONDS, callbacks=callbacks) as pushed:
                assert pulled.ask("in the child", timeout=SECONDS).text == "in the child"
                pushed.send_client_content(turns="in the child", timeout=SECONDS)
                assert complete.wait(SECONDS)
        client.close()

    busy = [gevent.spawn(converse) for _ in range(3)]
    ticker.wait()
    for _ in range(3):
        fork(in_child)
    stopping.set()
    gevent.joinall(busy, raise_error=True)
    assert idle.ask("still there", timeout=SECONDS).text == "still there"
    idle.close()
    """
    )
    with with_emulator(program, tmp_path, tls=tls) as (emulator, running):
        for _ in range(3):
            running.hear("not the child's")
    assert {(each.closed_by, each.close_code) for each in emulator.connections} == {("client", 1000)}


def test_subprocesses(tmp_path):
    """Starting other programs, which gevent does with a fork, is nothing to a session."""
    program = """
        import subprocess

        with client.live.connect(model=MODEL, timeout=SECONDS) as session:
            for _ in range(10):
                session.send_client_content(turns="Hello?", timeout=SECONDS)
                subprocess.run([sys.executable, "-c", ""], check=True)
                assert "".join(each.text or "" for each in session.receive(timeout=SECONDS)) == "Hello?"
    """
    with with_emulator(program, tmp_path, tls=True):
        pass
