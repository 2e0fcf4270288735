"""A PostgreSQL of our own and the nodes on it, each of which can be hurt and healed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.support import postgres
from tests.support.cluster import Cluster
from tests.support.servers import Process

ROOT = Path(__file__).parent.parent.parent
DISK = 320
"""Megabytes of the small disk."""
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'trial'"


class Database:
    """A PostgreSQL that keeps what it acknowledges, on a small disk where root may mount one."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mingtang-chaos-"))
        self.is_small = _mount(self.folder)
        self.programs = postgres.make(self.folder, fsync=True)
        self.process = postgres.launch(self.programs, self.folder, fsync=True)
        self.server = postgres.Server(f"postgresql+psycopg://postgres@/postgres?host={self.folder}")
        postgres.wait(self.server, self.process, self.folder)
        self.url = self.server.create("trial")

    def cut(self) -> None:
        """End every connection to the database."""
        with suppress(DBAPIError), self._apart().connect() as connection:
            connection.execute(text(CUT))

    def crash(self, number: signal.Signals) -> None:
        """Gone at once: SIGQUIT without a checkpoint, SIGKILL without a word."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        self.process.wait(30)

    def start(self) -> None:
        """Return when it answers; what has ended is started again, even while children of the dead one linger."""
        end = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None:
                self.process = postgres.launch(self.programs, self.folder, fsync=True)
            if time.monotonic() > end:
                raise RuntimeError("PostgreSQL did not start again:\n" + (self.folder / "log").read_text()[-3000:])
            time.sleep(0.2)

    def answers(self) -> bool:
        """Can one connect and ask?"""
        try:
            with self._apart().connect() as connection:
                return bool(connection.execute(text("SELECT 1")).scalar() == 1)
        except DBAPIError:
            return False

    def fill(self) -> None:
        """Fill the small disk until nothing more can be written."""
        with suppress(OSError), (self.folder / "ballast").open("wb") as ballast:
            while True:
                ballast.write(b"\0" * 1024 * 1024)
                ballast.flush()

    def empty(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        self.server.close()
        postgres.stop(self.process, self.folder / "data")
        if self.is_small:
            subprocess.run(["umount", "--lazy", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _apart(self):
        """A connection beside all the others, to another database of the same server."""
        return create_engine(self.server.base, poolclass=NullPool, connect_args={"connect_timeout": 3})


class Nodes(Cluster):
    """The nodes of a cluster, each on a clock of its own that is wrong by up to `skew` seconds."""

    def __init__(self, folder: Path, database_url: str, random: Random, skew: float) -> None:
        command = [sys.executable, "-m", "tests.chaos.node"]
        super().__init__(folder, database_url, demo=False, init=False, command=command)
        self.random, self.skew = random, skew
        self.settings["PYTHONPATH"] = str(ROOT)

    def of(self, kind: str, number: int) -> Process:
        """The process of a web server or a scheduler."""
        process = (self.webs if kind == "web" else self.schedulers)[number]
        assert process is not None
        return process

    def restart(self, kind: str, number: int) -> None:
        """Start what was killed, on another clock."""
        if kind == "web":
            self.start(number)
        else:
            self.start_scheduler(number)

    def heal(self) -> None:
        """Whatever stands still or is gone goes on."""
        for kind, number in [("web", 0), ("web", 1), ("scheduler", 0), ("scheduler", 1)]:
            if self.of(kind, number).is_running:
                self.of(kind, number).go_on()
            else:
                self.restart(kind, number)

    def _environment(self) -> dict[str, str]:
        """Every start draws another clock."""
        shift = self.random.uniform(-self.skew, self.skew)
        return super()._environment() | {"MINGTANG_TEST_SHIFT": f"{shift:.1f}"}


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    size = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)]
    return subprocess.run(size, check=False, capture_output=True).returncode == 0
