"""Where the figures come from: the machine, and the versions. No threads, sockets or clock."""

from __future__ import annotations

import contextlib
import os
import platform
import ssl
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.bench import speed_extra
from tests.bench.running import node_version

_PACKAGES = ("genai-live", "websocket-client", "attrs", "cattrs", "google-genai", "websockets", "pydantic")


def describe() -> list[str]:
    """One line for each thing that a figure may depend on."""
    packages = [
        f"{name} {_version(name)}" for name in dict.fromkeys((*_PACKAGES, *speed_extra.module_names()))
    ]
    return [
        f"{_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION.rsplit(' ', 3)[0]}; Node {_node()}",
        f"{', '.join(packages)}; @google/genai {node_version() or 'is not here'}",
    ]


def _version(name: str) -> str:
    with contextlib.suppress(PackageNotFoundError):  # which is worth saying, and no reason to stop
        return version(name)
    return "is not here"


def _node() -> str:
    with contextlib.suppress(FileNotFoundError):  # likewise
        return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip(
            " v\n"
        )
    return "is not here"


def _processor() -> str:
    with contextlib.suppress(OSError):  # no Linux
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
