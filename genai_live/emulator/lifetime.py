"""What time alone does to a connection: goAway, the aborts, and handles that come again and again.

Runs in the emulator's thread, in its event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from genai_live.emulator import profiles
from genai_live.emulator.answers import go_away
from genai_live.emulator.profiles import Profile
from genai_live.emulator.refusal import ABORTED, GO_AWAY_IGNORED, Refusal


class Lifetime:
    """Runs from the setup on. At a time scale of 0 time stands still, and nothing of this happens.

    Args:
        profile: Says what happens when.
        send: Sends a server message.
        give_handle: Sends a new resumption handle.
        time_scale: What all times are multiplied by, the one in goAway too.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        send: Callable[[dict[str, Any]], Awaitable[None]],
        give_handle: Callable[[], Awaitable[None]],
        time_scale: float,
    ) -> None:
        self._profile = profile
        self._send = send
        self._give_handle = give_handle
        self._time_scale = time_scale
        self._heard_at = 0.0

    def heard(self) -> None:
        """The client has sent something."""
        self._heard_at = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Run until the connection is to be aborted.

        Raises:
            Refusal: It is; with this code and reason.
        """
        if not self._time_scale:
            return
        self.heard()
        running = [self._go_away(), self._wait_until_idle()]
        if self._profile.handles is profiles.Handles.OFTEN:
            running.append(self._give_handles())
        tasks = [asyncio.create_task(each) for each in running]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _go_away(self) -> None:
        left = self._profile.go_away_time_left
        await self._sleep(profiles.GO_AWAY_SECONDS)
        await self._send(go_away(left * self._time_scale))
        await self._sleep(left + profiles.GO_AWAY_GRACE_SECONDS)
        raise Refusal(1008, GO_AWAY_IGNORED)

    async def _wait_until_idle(self) -> None:
        limit = profiles.IDLE_SECONDS * self._time_scale
        loop = asyncio.get_running_loop()
        while (left := self._heard_at + limit - loop.time()) > 0:
            await asyncio.sleep(left)
        raise Refusal(1008, ABORTED)

    async def _give_handles(self) -> None:
        while True:
            await self._sleep(profiles.HANDLE_SECONDS)
            await self._give_handle()

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._time_scale)
