"""Between the wire's JSON and the classes of ``genai_live.types``. Runs in whichever thread calls.

Two sets of rules: lenient for what the server sends (ProtocolError), strict for what the user passes
(ConfigurationError). No threads, sockets or clock.
"""

from genai_live.codec.decoding import decode
from genai_live.codec.encoding import encode, encode_json, to_json_dict
from genai_live.codec.json_schema import say_in_json_schema
from genai_live.codec.user_input import structure

__all__ = [
    "decode",
    "encode",
    "encode_json",
    "say_in_json_schema",
    "structure",
    "to_json_dict",
]
