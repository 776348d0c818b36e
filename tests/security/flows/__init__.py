"""What test_secrets.py plays: one function each, which takes a Stage. The table is what counts."""

from collections.abc import Callable

from tests.security.flows import reconnecting, sessions, signing_in
from tests.security.stage import Stage

FLOWS: tuple[Callable[[Stage], None], ...] = (
    sessions.a_conversation,
    sessions.a_wrong_key,
    sessions.a_close_that_repeats_the_key,
    sessions.secrets_of_tools,
    sessions.refusals_that_repeat_the_request,
    sessions.an_answer_that_breaks_the_protocol,
    sessions.a_connection_that_breaks_in_the_request,
    sessions.nobody_is_there,
    sessions.a_gateway_with_a_key_in_its_address,
    sessions.bad_messages_that_hold_a_handle,
    sessions.an_end_by_the_server,
    sessions.a_session_that_is_dropped,
    sessions.the_emulator,
    sessions.music,
    reconnecting.a_session_that_reconnects,
    reconnecting.a_session_that_cannot_be_resumed,
    signing_in.an_ephemeral_token,
    signing_in.credentials_of_google_auth,
    signing_in.proxies,
    signing_in.a_token_is_created,
    signing_in.no_token_is_created,
    signing_in.mistakes_of_the_caller,
    signing_in.what_is_public,
)
