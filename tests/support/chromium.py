"""The Chromium of the browser tests. Run as a program, it installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """\
There is no Chromium for the browser tests, and it could not be installed. Do one of these:
  * as root on Debian: apt-get install -y chromium fonts-noto-cjk
  * .venv/bin/playwright install --with-deps chromium
  * install Google Chrome or Chromium so that it is on the PATH."""


def executable() -> str | None:
    """The path to hand to Playwright's `launch(executable_path=…)`; None is Playwright's own."""
    path = f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin"
    return next((found for name in NAMES if (found := shutil.which(name, path=path))), None)


def launch_options() -> dict[str, object]:
    """What `chromium.launch` needs here: root has no sandbox, small machines little shared memory."""
    return {"executable_path": executable(), "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


def works() -> bool:
    """Whether a page can be opened."""
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            browser.new_page().set_content("明堂")
            browser.close()
    except Error:
        return False
    return True


def install() -> bool:
    """Install one: the system's as root on Debian, else Playwright's."""
    if executable() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("— Chromium (apt)", flush=True)
        _run("apt-get", "-qq", "update") and _run("apt-get", "-qq", "install", "-y", "chromium", "fonts-noto-cjk")
    if executable() is None:
        print("— Chromium (Playwright)", flush=True)
        _run(Path(sys.executable).parent / "playwright", "install", "chromium")
    return works()


def _run(*command: str | Path) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(None if works() or install() else ADVICE)
