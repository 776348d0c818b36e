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


_LONG = 1024
"""Bytes. What is shorter takes 2 µs at most without the compiled function."""


def _mask_until_long(data: bytes, key: bytes) -> bytes:
    """Leaves the package, which is slow to import, until there is something long."""
    global mask  # noqa: PLW0603 - so that nothing stands between the callers and that function then
    if len(data) < _LONG:
        return mask_as_number(data, key)
    try:
        from websockets.speedups import apply_mask  # noqa: PLC0415
    except ImportError:
        mask = mask_as_number
    else:
        mask = apply_mask
    return mask(data, key)


mask: Mask = _mask_until_long
