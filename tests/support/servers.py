"""Real server processes on free ports, for tests that click, race and kill."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.support import moved

COMMAND = [str(Path(sys.executable).parent / "mingtang")]
MOVED = [sys.executable, moved.__file__]
"""The same by a clock that the test moves."""
PATIENCE = 60
"""Seconds that a server may take to answer, on a busy machine."""


class Site:
    """One installation in `folder`: its database, web servers and schedulers, each a process of its own.

    Use it as a context manager. `urls` are the servers' addresses, in order; `url` is the first. With `at`, all of it
    runs by `clock`, which the test moves, from that moment on. `command` is what runs `mingtang`; without `init` the
    database is ready.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        webs: int = 1,
        scheduler: bool = True,
        schedulers: int = 1,
        demo: bool = True,
        init: bool = True,
        at: datetime | None = None,
        command: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.demo, self.init = demo, init
        self.command = list(command or COMMAND)
        self.ports = [free_port() for _ in range(webs)]
        self.schedulers: list[Process | None] = [None] * (schedulers if scheduler else 0)
        self.settings = {
            "MINGTANG_VAR": str(folder / "var"),
            "MINGTANG_DATABASE_URL": database_url,
            "MINGTANG_WORKERS": "1",
            "MINGTANG_THREADS": "8",
        }
        self.webs: list[Process | None] = [None] * webs
        self.clock = moved.MovedClock(folder / "clock")
        if at is not None:
            self.command = list(MOVED)
            self.settings[moved.CLOCK] = str(self.clock.file)
            self.clock.goes_to(at)

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def __enter__(self) -> Site:
        if self.init:
            self.run("init", *(["--demo"] if self.demo else []))
        for number in range(len(self.webs)):
            self.start(number)
        for number in range(len(self.schedulers)):
            self.start_scheduler(number)
        for number in range(len(self.webs)):
            self.wait(number)
        return self

    def __exit__(self, *_error: object) -> None:
        for process in [*self.webs, *self.schedulers]:
            if process:
                process.stop()

    def start(self, number: int = 0) -> None:
        """Start one web server; `wait` says when it answers."""
        environment = self._environment() | {"MINGTANG_BIND": f"127.0.0.1:{self.ports[number]}"}
        self.webs[number] = Process(self.folder / f"web-{number}.log", environment, [*self.command, "serve"])

    def wait(self, number: int = 0) -> None:
        """Return when the web server answers; RuntimeError with its log when it does not."""
        process = self.webs[number]
        assert process is not None
        end = time.monotonic() + PATIENCE
        while not answers(self.urls[number] + "/health"):
            if not process.is_running or time.monotonic() > end:
                raise RuntimeError(f"the web server does not answer:\n{process.log.read_text()}")
            time.sleep(0.05)

    def kill(self, number: int = 0) -> None:
        """`kill -9`: the web server and its workers are gone at once, in the middle of whatever they did."""
        process, self.webs[number] = self.webs[number], None
        assert process is not None
        process.kill()

    def start_scheduler(self, number: int = 0) -> None:
        """Start a scheduler, or another in place of one that was killed."""
        log = self.folder / f"scheduler-{number}.log"
        self.schedulers[number] = Process(log, self._environment(), [*self.command, "scheduler"])

    def kill_scheduler(self, number: int = 0) -> None:
        """`kill -9` in the middle of whatever it did."""
        process, self.schedulers[number] = self.schedulers[number], None
        assert process is not None
        process.kill()

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `mingtang …` on this installation and wait for it."""
        command = [*self.command, *arguments]
        done = subprocess.run(
            command, env=self._environment(), cwd=self.folder, capture_output=True, text=True, timeout=180
        )
        if check and done.returncode:
            raise RuntimeError(f"mingtang {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MINGTANG_")}
        return inherited | self.settings


class Process:
    """A command in a process group of its own, with its output in `log`."""

    def __init__(self, log: Path, environment: dict[str, str], command: Sequence[str]) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=log.parent,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """Ask it to end and wait; answers its exit status. What does not end in time is killed."""
        if self.is_running:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        """It and all its children stand still, and know nothing of it."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(url: str) -> bool:
    """Does anything answer with success there?"""
    try:
        with urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError):
        return False


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: a killed test run leaves no server behind
