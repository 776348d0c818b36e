"""Random lives of a session, held after each step against a model that knows what both ends saw.

No threads, sockets or clock: the machine is the runtime, the server and the user in one. What the model
checks is section 5 of the design: nothing is lost, nothing comes twice, what is in doubt is named, a turn
that cannot come is reported, and no sequence gets stuck.
"""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from genai_live import types
from genai_live.errors import APIError
from genai_live.protocol import Purpose, State, purpose_of, purpose_of_raw
from genai_live.protocol.failures import Failure
from tests.protocol.messages import answer, go_away, question, voice
from tests.protocol.model.choices import (
    ALL,
    FIRST_HANDLES,
    HANDLES,
    KINDS,
    OFTEN,
    OTHER_NEWS,
    POLICIES,
    RARELY,
    REFUSALS,
    WATCHDOGS,
    WRITINGS,
)
from tests.protocol.model.invariants import check
from tests.protocol.model.server import SAYINGS, Mine
from tests.protocol.model.session import ModelSession
from tests.protocol.test_failures import CASES


class Sessions(RuleBasedStateMachine):
    """One session after another."""

    def __init__(self):
        super().__init__()
        self.session = None

    # -- how a session begins and ends -------------------------------------------------------------------

    @initialize(
        policy=st.sampled_from(POLICIES),
        watchdogs=st.sampled_from(WATCHDOGS),
        handles=st.sampled_from(HANDLES),
        transparent=st.booleans(),
        at_once=st.sampled_from((True, True, True, True, True, False)),
    )
    def begins(self, policy, watchdogs, handles, transparent, at_once):
        """A session is set up, of some kind."""
        if transparent and handles == "one":
            handles = "many"
        self.session = ModelSession(
            policy=policy, watchdogs=watchdogs, handles=handles, transparent=transparent
        )
        while at_once and self.session.state is not State.OPEN:
            self._go_on_connecting()

    @precondition(lambda self: self.session.state is State.CLOSED)
    @rule(
        policy=st.sampled_from(POLICIES),
        watchdogs=st.sampled_from(WATCHDOGS),
        handles=st.sampled_from(HANDLES),
        transparent=st.booleans(),
    )
    def another_begins(self, policy, watchdogs, handles, transparent):
        """The one before has ended, and nothing can be done with it."""
        assert self.session.protocol.close(1000, "") == []
        while self.session.user.inbox:
            self.session.user.read()
        self.begins(policy, watchdogs, handles, transparent, at_once=True)

    def _go_on_connecting(self):
        session = self.session
        if session.state is State.NEW:
            session.protocol.connect()
        elif session.state is State.CONNECTING:
            session.upgrade()
        else:
            session.answer_setup()
            # So that the client knows from the beginning of which kind they are.
            for _ in range(0 if session.transparent else FIRST_HANDLES[session.server.handles]):
                session.server.give_handle()
                session.read()

    @precondition(lambda self: self.session.state in (State.NEW, State.CONNECTING, State.SETTING_UP))
    @rule(refused=RARELY, closed=RARELY, refusal=st.sampled_from(REFUSALS), case=st.sampled_from(CASES))
    def the_first_connection(self, refused, closed, refusal, case):
        """Takes its next step, or fails, which ends the session whatever the policy."""
        if refused and self.session.state is not State.NEW:
            self.session.refuse(*refusal)
        elif closed and self.session.state is not State.NEW:
            self.session.end_connection(*case)
        else:
            self._go_on_connecting()

    @precondition(lambda self: self.session.state is State.CLOSING)
    @rule(code=st.sampled_from((1000, 1005, 1006, 1011)))
    def the_end_comes(self, code):
        """After the user's close, the connection is gone."""
        while self.server.outbound:
            self.session.read()
        self.session.end_connection(code, "", Failure.REQUEST)

    # -- the user ------------------------------------------------------------------------------------------

    @precondition(lambda self: self.session.state is not State.CLOSED)
    @rule(kind=st.sampled_from((*["question"] * 5, *KINDS)), writing=st.sampled_from(WRITINGS), arrives=OFTEN)
    def the_user_sends(self, kind, writing, arrives):
        """A message of any kind, written whole or not; it may arrive at once."""
        purpose, make = KINDS[kind]
        number = len(self.session.sent)
        message = make(number)
        assert (purpose_of_raw if isinstance(message, dict) else purpose_of)(message) is purpose
        activity = {"activity start": True, "activity end": False}.get(kind)
        self.session.call(Mine(number, message, purpose, activity=activity), writing)
        if arrives:
            self._consume_all()

    @precondition(lambda self: self.session.account.pending and self.session.state is not State.CLOSED)
    @rule(count=st.integers(1, 3), more=RARELY, writing=st.sampled_from(WRITINGS), arrives=OFTEN)
    def the_user_answers(self, count, more, writing, arrives):
        """Some of the calls; those for which a turn stands still if one does."""
        account = self.session.account
        calls = sorted(account.pending & account.its_calls if account.stands else account.pending)[:count]
        if calls:
            answered = () if more else tuple(calls)
            sent = Mine(len(self.session.sent), answer(*calls, more=more), Purpose.ANSWERS, answered)
            self.session.call(sent, writing)
        if arrives:
            self._consume_all()

    @rule(
        what=st.sampled_from(("reads", "reads", "goes on", "goes on", "gives up", "closes")),
        count=st.integers(1, 8),
        writing=st.sampled_from(WRITINGS),
        really=RARELY,
    )
    def the_user_does(self, what, count, writing, really):
        """Reads some of what waits, goes on with what is to be written, gives up, or wants the end."""
        session = self.session
        if what == "reads":
            for _ in range(min(count, len(session.user.inbox))):
                session.user.read()
        elif what == "closes" and really:
            session.close()
        elif what == "gives up" and session.waiting:
            session.give_up_waiting(count % len(session.waiting))
        elif session.writing is not None:
            session.finish_writing("whole" if writing == "slowly" else writing)
        elif session.is_open and session.waiting:
            session.let_one_through(writing)

    # -- the server ------------------------------------------------------------------------------------------

    @property
    def server(self):
        """The session's."""
        return self.session.server

    @property
    def is_connected(self):
        """Whether messages go both ways, or one."""
        return self.session.state in (State.OPEN, State.LEAVING) and not self.session.is_broken

    def _consume_all(self, *, interrupts=True):
        while self.is_connected and self.server.inbound:
            self.server.consume(interrupts=interrupts)

    def _read_all(self):
        self._read(ALL)

    def _read(self, count):
        while count > 0 and self.is_connected and self.server.outbound:
            self.session.read()
            count -= 1

    @precondition(lambda self: self.is_connected and not self.server.turns)
    @rule(what=st.sampled_from(("words", "heard words", "call", "call and end")), interrupts=st.booleans())
    def the_server_begins_to_speak(self, what, interrupts):
        """Because of a question, or unasked, while nothing is under way."""
        if self.server.inbound:
            self._consume_all(interrupts=interrupts)
        elif not self.server.outbound and self.session.writing is None:
            self.server.begin_unasked()
            self.server.say(what)
            self._read_all()

    @precondition(lambda self: self.is_connected and self.server.turns)
    @rule(
        what=st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=4),
        standing=st.sampled_from(
            ("consume", "consume", "consume", "repeat", "repeat and more", "cancel", "interrupt")
        ),
        come=st.sampled_from((ALL, ALL, ALL, 0, 1, 1, 2)),
    )
    def the_server_speaks(self, what, standing, come):
        """Some pieces of the turn that is under way; or, where it stands still, calls again or goes on."""
        if self.server.turns[0].stands_for:
            self._stand_still(standing)
        for saying in what:
            if self.server.turns and not self.server.turns[0].stands_for:
                self.server.say(saying)
                if saying == "call and go on":
                    self._read_all()
        self._read(come)

    def _stand_still(self, what):
        if what == "consume":
            self._consume_all(interrupts=False)
        elif what == "cancel":
            self.server.cancel(tuple(self.server.turns[0].stands_for))
        elif what == "interrupt":
            self.server.interrupt(cancels=True)
        else:
            self.server.repeat_calls(with_a_new_one=what == "repeat and more")
        if self.server.handles == "one":
            self._read_all()

    @precondition(lambda self: self.is_connected)
    @rule(
        what=st.sampled_from(
            (
                "handle",
                "handle",
                "handle",
                "no handle",
                "goes away",
                "goes away",
                "voice",
                "quiet",
                *OTHER_NEWS,
            )
        ),
        flag=st.booleans(),
        seconds=st.sampled_from((None, 0.0, 3.0, 50.0)),
        arrives=OFTEN,
    )
    def the_server_has_news(self, what, flag, seconds, arrives):
        """That belong to no turn."""
        server = self.server
        if what == "handle" and server.can_give_handle:
            server.give_handle()
        elif what == "no handle":
            server.give_no_handle(named=flag)
        elif what == "goes away":
            server.tell(go_away(seconds))
        elif what in ("voice", "quiet"):
            server.tell(voice(speaks=what == "voice"))
        elif what in OTHER_NEWS:
            server.tell(types.LiveServerMessage(**OTHER_NEWS[what]), is_error=what == "error")
        if arrives:
            self._read_all()

    # -- time and the network --------------------------------------------------------------------------------

    @precondition(lambda self: self.session.state is not State.CLOSED and not self.session.is_broken)
    @rule(seconds=st.sampled_from((0.1, 0.1, 2.0, 11.0, 60.0)), heard=st.booleans(), count=st.integers(0, 8))
    def time_passes(self, seconds, heard, count):
        """The server's messages come in; or something is heard of it, such as the answer to a ping."""
        self._read(count)
        if heard:
            self.session.silent_since = self.session.now
        if self.session.state is not State.CLOSED and not self.session.is_broken:
            self.session.let_pass(seconds)

    @precondition(lambda self: self.is_connected or self.session.is_broken)
    @rule(
        how=st.sampled_from(("breaks", "breaks", "closes", "closes for good")),
        some_come=st.integers(0, 3),
        case=st.sampled_from(CASES),
        really=RARELY,
    )
    def the_connection_ends(self, how, some_come, case, really):
        """Without a close frame, when some of what was said came through, or with one, after all of it."""
        session = self.session
        if session.is_broken:
            session.end_connection(1006, "it broke", Failure.PASSING)
            return
        self._read(some_come if how == "breaks" else ALL)
        if not self.is_connected:
            return
        if how == "breaks":
            session.end_connection(1006, "it broke", Failure.PASSING)
        elif session.state is State.LEAVING and how == "closes":
            session.end_connection(1000, "", Failure.REQUEST)
        elif session.state is State.LEAVING or really or case[2] is Failure.PASSING:
            session.end_connection(*case)

    @precondition(lambda self: self.session.state is State.RESUMING)
    @rule(
        outcome=st.sampled_from(
            ("opens", "opens", "opens", "opens and breaks", "forgotten", "refused", "closed", "an error")
        ),
        refusal=st.sampled_from(REFUSALS),
        case=st.sampled_from(CASES),
        breaks_after=st.integers(0, 2),
        really=RARELY,
    )
    def an_attempt_is_made(self, outcome, refusal, case, breaks_after, really):
        """Another connection is made, or is not."""
        session = self.session
        if outcome == "refused":
            session.refuse(*(refusal if really else REFUSALS[0]))
            return
        session.upgrade()
        if outcome == "closed":
            session.end_connection(
                *(case if really else (1011, "Internal error encountered.", Failure.PASSING))
            )
        elif outcome == "forgotten" and (really or self.session.policy.fresh_start):
            session.end_connection(1008, "BidiGenerateContent session not found", Failure.HANDLE)
        elif outcome == "an error":
            self._refuse_by_error()
        else:
            session.breaks_after = breaks_after if outcome == "opens and breaks" else None
            session.answer_setup()

    def _refuse_by_error(self):
        error = types.LiveServerMessage(unknown_fields={"error": {"code": 503, "message": "busy"}})
        with pytest.raises(APIError) as refusal:
            self.session.protocol.received(error, self.session.now)
        self.session.refuse(refusal.value, Failure.PASSING)

    # -- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def all_is_accounted_for(self):
        """After each step."""
        if self.session is not None:
            check(self.session)

    def teardown(self):
        """Once both ends are well again the session opens, and nothing stays unread, waiting or in doubt."""
        session = self.session
        if session is None or session.state is State.CLOSED or sys.exc_info()[0] is not None:
            return
        if session.state is State.CLOSING:
            session.end_connection(1006, "", Failure.PASSING)
            return
        self._recover()
        if session.state is not State.CLOSED:
            self._settle()

    def _recover(self):
        session = self.session
        for _ in range(1000):
            if session.state is State.CLOSED:
                return
            if not self._recover_a_little():
                return
            check(session)
        raise AssertionError(f"the session is stuck: {session.state}")

    def _recover_a_little(self):
        session = self.session
        if session.is_broken:
            session.end_connection(1006, "it broke", Failure.PASSING)
        elif session.state is State.RESUMING:
            session.upgrade()
            session.answer_setup()
        elif session.state is State.LEAVING:
            self._read_all()
            session.end_connection(1000, "", Failure.REQUEST)
        elif session.state is not State.OPEN:
            self._go_on_connecting()
        elif session.writing is not None:
            session.finish_writing("whole")
        elif session.waiting:
            session.let_one_through("whole")
        else:
            return self._go_on_talking()
        return True

    def _go_on_talking(self):
        session, server = self.session, self.server
        if server.inbound:
            server.consume(interrupts=False)
        elif server.outbound:
            session.read()
        elif not server.turns:
            return False
        elif stands_for := server.turns[0].stands_for:
            calls = tuple(sorted(stands_for))
            sent = Mine(len(session.sent), answer(*calls), Purpose.ANSWERS, calls)
            session.call(sent, "whole")
        else:
            server.say("words")
            server.say("end")
        return True

    def _settle(self):
        session = self.session
        while session.user.inbox:
            session.user.read()
        assert not session.user.has_unread_turn
        check(session)
        session.call(Mine(len(session.sent), question(), Purpose.ASKS), "whole")
        self._recover()
        if session.state is State.CLOSED:
            return
        while session.user.inbox:
            session.user.read()
        check(session)
        assert not session.user.has_unread_turn
        if not session.account.index_came:
            assert session.protocol.ledger.in_doubt == ()


TestSessions = pytest.mark.timeout(600)(Sessions.TestCase)  # making a failure short takes minutes
TestSessions.settings = settings(
    max_examples=300,
    stateful_step_count=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
