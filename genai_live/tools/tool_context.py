"""What a function is told of its call where it asks for it. In the thread that runs the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from genai_live import signatures
from genai_live.tools.cancel_token import CancelToken

if TYPE_CHECKING:
    from genai_live.session import Session


@attrs.frozen(kw_only=True)
class ToolContext:
    """The call that a function answers.

    A parameter with this type hint, or with ``ToolContext | None``, gets it, whatever its name. The model is
    not told of that parameter.

    Attributes:
        session: The session in which the model called. It may be used, but not read: who reads it, reads on.
        call_id: The call's id.
        cancel_token: Tells when nobody waits for the answer any more.

    Example:
        >>> def search(query: str, context: ToolContext) -> list[str]:
        ...     found = []
        ...     for page in pages(query):
        ...         context.cancel_token.raise_if_cancelled()
        ...         found += page
        ...     return found
    """

    # The signatures, which are below this, know by it that the model is not told of such a parameter.
    __genai_live_given__: ClassVar[bool] = True

    session: Session
    call_id: str
    cancel_token: CancelToken

    def __repr__(self) -> str:
        return f"<ToolContext of the call {self.call_id}>"


def context_parameter(function: Callable[..., Any]) -> str | None:
    """The name of the parameter that asks for the context; None where none does."""
    return next(iter(signatures.given_parameters(function)), None)
