"""The WAV file that sound is saved to as it comes. Runs in the main thread."""

from __future__ import annotations

import wave
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar

import click

_Self = TypeVar("_Self", bound="SoundFile")


class SoundFile:
    """A WAV file of 16-bit PCM, at the rate at which it comes.

    A context manager. A file that is there is replaced, but not before there is something to replace it with.
    What has been written can be played at any time.

    Args:
        path: The file.
        channels: 1 for mono, 2 for stereo.

    Attributes:
        path: The same.
        seconds: How much has been saved.

    Raises:
        ClickException: The file cannot be written.
    """

    def __init__(self, path: Path, *, channels: int = 1) -> None:
        self.path = path
        self.seconds = 0.0
        self._channels = channels
        self._is_new = True
        try:
            try:
                self._file: BinaryIO = path.open("xb")
            except FileExistsError:
                self._is_new = False
                self._file = path.open("r+b")
        except OSError as error:
            raise self._unwritable(error) from error
        self._wave: wave.Wave_write | None = None
        self._rest = b""

    def write(self, data: bytes, rate: int) -> None:
        """Save a piece of sound after those before it; it may end within a sample.

        Args:
            data: The samples, little-endian; of stereo left and right in turn.
            rate: Samples a second, of each channel.

        Raises:
            ClickException: It cannot be written, or not in the same file as what came before.
        """
        data = self._rest + data
        width = 2 * self._channels
        whole = len(data) // width * width
        self._rest = data[whole:]
        try:
            file = self._begin(rate) if self._wave is None else self._wave
            if file.getframerate() != rate:
                raise click.ClickException(
                    f"the sound changed from {file.getframerate()} to {rate} samples a second, which a WAV"
                    " file cannot hold"
                )
            file.writeframes(data[:whole])
        except OSError as error:
            raise self._unwritable(error) from error
        self.seconds += whole / width / rate

    def _begin(self, rate: int) -> wave.Wave_write:
        self._file.truncate(0)
        self._wave = wave.Wave_write(self._file)
        self._wave.setparams((self._channels, 2, rate, 0, "NONE", ""))
        return self._wave

    def _unwritable(self, error: OSError) -> click.ClickException:
        return click.ClickException(f"{self.path} cannot be written: {error.strerror or error}")

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            with self._file:
                if self._wave is not None:
                    self._wave.close()
        except OSError as failure:
            raise self._unwritable(failure) from failure
        if self._wave is None and self._is_new:
            with suppress(OSError):
                self.path.unlink()
