"""The masking of what a client sends (RFC 6455, section 5.3). No threads, sockets or clock.

With the function of the websockets package where that is installed, which is compiled.
"""

from __future__ import annotations

from collections.abc import Callable

Mask = Callable[[bytes, bytes], bytes]
"""Takes data and a key of four bytes: each byte of the data is changed by one of the key's in turn."""


def mask_as_number(data: bytes, key: bytes) -> bytes:
    """With what Python has: the whole data as one number."""
    size = len(data)
    keys = (key * (size // 4 + 1))[:size]
    changed = int.from_bytes(data, "little") ^ int.from_bytes(keys, "little")
    return changed.to_bytes(size, "little")


mask: Mask
try:
    from websockets.speedups import apply_mask
except ImportError:
    mask = mask_as_number
else:
    mask = apply_mask
