"""What must become of a conversation when another connection takes over (design, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from genai_live.options import ReconnectPolicy
from genai_live.protocol import Deliver, Purpose, Reconnected, TurnLost
from tests.protocol.model.account import Account
from tests.protocol.model.server import Mine, Server


@attrs.frozen
class Reopening:
    """What became of it.

    Attributes:
        survived: Whether the turn that stood still goes on.
        in_doubt: What the user is told of.
        again: What is written first.
        gone: The questions that will not be answered.
        repeated: Those whose answers had ended, and come once more.
    """

    survived: bool
    in_doubt: list[Mine]
    again: list[Mine]
    gone: list[Mine]
    repeated: list[Mine]


def held(
    account: Account,
    server: Server,
    policy: ReconnectPolicy,
    *,
    restored: bool,
    news: Sequence[Deliver[Any]],
    event: Reconnected,
) -> Reopening:
    """Holds what the protocol makes of a reopening against what is known.

    Args:
        account: As it was when the connection ended.
        server: As it is now.
        policy: The session's.
        restored: Whether a handle was presented.
        news: What is delivered.
        event: What the user is told.
    """
    is_known = restored and account.index_came
    lost = any(isinstance(action.item, TurnLost) for action in news)
    restarted = any(getattr(action.item, "turn_restarted", None) for action in news)
    survived = account.current is not None and not lost and not restarted
    in_doubt = [] if is_known else [*account.by_turns, *filter(_is_followed, account.again)]
    again = account.not_held if is_known else account.by_turns if policy.resend_in_doubt else []
    left = account.again if is_known or policy.resend_in_doubt else []
    expected = [*account.open_asks, *filter(_asks, account.again)]
    if survived:
        assert restored
        _can_go_on(account, server, again)
        in_doubt, again, expected = (
            [sent for sent in sents if not account.is_of_current_turn(sent)]
            for sents in (in_doubt, again, expected)
        )
        unknown = [sent for sent in in_doubt if sent not in again and sent not in left]
        assert all(sent.purpose is Purpose.FEEDS for sent in unknown), "the model may have gone on"
    elif is_known:
        # The state may still wait for them, and would go on with a turn that is over.
        in_doubt = [sent for sent in (*again, *left) if sent.unblocks]
        again, left = ([sent for sent in sents if not sent.unblocks] for sents in (again, left))
    again = [*again, *left]
    gone = [sent for sent in expected if sent not in again]
    repeated = [sent for sent in filter(_asks, again) if sent not in expected]
    assert [id(item) for item in event.in_doubt] == [id(sent.message) for sent in in_doubt]
    assert event.state_restored == restored
    assert event.turn_lost == lost
    assert event.sent_again == len(again)
    if not survived:
        answers = [sent for sent in in_doubt if sent.purpose is Purpose.ANSWERS and not sent.late]
        unanswered = bool(answers) and not (is_known or again)
        is_cut = account.is_under_way or unanswered
        first = account.open_turns[0].ask if account.open_turns else None
        assert lost or not gone, "a turn that will not come is not reported"
        assert lost or not is_cut or first in again, "a turn was cut through, and nobody is told"
        assert not lost or is_cut or gone, "a turn is reported lost, and none was cut through"
        assert restarted == bool(repeated or (not lost and first in again))
    return Reopening(survived, in_doubt, again, gone, repeated)


def _can_go_on(account: Account, server: Server, again: list[Mine]) -> None:
    assert account.stands, "a turn that was cut through can go on only if it stood still"
    assert server.knows_of(account.its_calls), "the turn cannot go on: its calls are not known"
    if account.index_came:
        answers_come = any(sent.purpose is Purpose.ANSWERS for sent in again)
        assert answers_come or account.its_calls & account.pending, "nothing makes the turn go on"
        assert not any(account.is_of_current_turn(sent) for sent in again)


def _is_followed(sent: Mine) -> bool:
    return sent.purpose is not Purpose.MEDIA


def _asks(sent: Mine) -> bool:
    return sent.purpose is Purpose.ASKS
