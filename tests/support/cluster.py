"""`make cluster`: PostgreSQL, two web servers and two schedulers on this machine, with the demo, until Ctrl-C.

The same as compose.yaml without containers; each node has a folder of its own, and they share key, store and database.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.support import postgres
from tests.support.servers import Site


class Cluster(Site):
    """Two web servers and two schedulers as on machines of their own."""

    def __init__(self, folder: Path, database_url: str, **more: object) -> None:
        super().__init__(folder, database_url, webs=2, schedulers=2, **more)  # type: ignore[arg-type]
        self.settings |= {
            "MINGTANG_SECRET_KEY": "one key for every node of this cluster",
            "MINGTANG_STORE_URL": (folder / "store").as_uri(),
        }

    def _environment(self) -> dict[str, str]:
        """Every process has its own folder, as if the others were on another machine."""
        return super()._environment() | {"MINGTANG_VAR": tempfile.mkdtemp(prefix="node-", dir=self.folder)}


def main() -> None:
    """Serve until stopped; nothing of it stays."""
    with (
        contextmanager(postgres.server)() as server,
        tempfile.TemporaryDirectory(prefix="mingtang-cluster-") as folder,
        Cluster(Path(folder), server.create("cluster")) as site,
    ):
        print("One system on two servers:", *site.urls, flush=True)
        try:
            Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
