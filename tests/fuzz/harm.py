"""What a hostile file or script did, watched from inside the process that handles it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import forms
from engine.bpmn import ScriptFailed, Seal, check, compile_version
from engine.bpmn.sandbox import NotAllowedHere, expression, script
from engine.bpmn.seal import sealed
from engine.calendar import Calendar
from engine.refusals import Refusal
from tests.engine.bpmn.drawing import MONDAY, Play

from . import mutations

SECONDS = 1.0
"""So much of the processor's time a file or script may take."""
MEGABYTES = 256
"""So much memory it may take."""
STEPS = 12
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.system", "os.spawn", "os.posix_spawn", "ctypes.", "shutil.")
QUOTED = "<unknown>"
"""Python looks for a file of this name to quote it in a syntax error; nobody sees it."""
DATA = {
    "r": list(range(300)),
    "x": {"k": 1, "__class__": "no", "a": {"b": [1]}},
    "s": "text",
    "big": [1] * 5000,
    "y": [1, [2, [3]]],
    "__builtins__": {"open": "no"},
}
SEEN: list[str] = []
"""What was attempted while the watch was on."""
WATCH = [False]


@dataclass(frozen=True, slots=True)
class Told:
    """`result`: refused, stopped (while it ran), harmless (it did what it may). `harm`: what went wrong, "" if nothing.

    `seconds` of the processor's time; `megabytes` that the process grew by at its peak.
    """

    name: str
    result: str
    harm: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


def diagram(seed: int) -> Told:
    """Check a mutated file, and play it when it is accepted."""
    name, files = mutations.mutant(seed)
    return watched(f"{seed} {name}", lambda: handled(name, files))


def upload(given: tuple[str, bytes]) -> Told:
    """Check one file as it comes."""
    name, data = given
    return watched(name, lambda: handled(name, {name: data}))


def handled(name: str, files: dict[str, bytes]) -> str:
    """As an upload is handled: checked, compiled, played."""
    if name.endswith(".json"):
        return "refused" if forms.check(files[name]) else "harmless"
    if any(finding.level == "error" for finding in check(files)):
        return "refused"
    return _played(files)


def _played(files: dict[str, bytes]) -> str:
    play = Play(compile_version(files), dict(DATA))
    for _ in range(STEPS):
        if not play.open:
            break
        play.complete(play.open[0])
    return "harmless"


def generated(seed: int) -> Told:
    """Run a made-up script."""
    return script_told(mutations.script(seed))


def script_told(source: str) -> Told:
    """Run one script in variables that try to help it."""
    return watched(source[:60], lambda: _run(lambda: script(source).changed(dict(DATA), "el")))


def expression_told(source: str) -> Told:
    """Evaluate one expression."""
    return watched(source[:60], lambda: _run(lambda: expression(source).value(dict(DATA), "el")))


def _run(act: Callable[[], Any]) -> str:
    with sealed(Seal(MONDAY, "s", Calendar())):
        act()
    return "harmless"


def watched(name: str, act: Callable[[], str]) -> Told:
    """Do it under watch."""
    _watch()
    before, began = _peak(), time.process_time()
    harm = ""
    SEEN.clear()
    WATCH[0] = True
    try:
        result = act()
    except (NotAllowedHere, forms.NotAForm):
        result = "refused"
    except ScriptFailed:
        result = "stopped"
    except Refusal:
        result = "stopped"
    except Exception as error:
        result, harm = "broken", f"{type(error).__name__}: {error}"[:300]
    finally:
        WATCH[0] = False
    seconds, megabytes = time.process_time() - began, (_peak() - before) / 1024
    if SEEN:
        harm = f"attempted {SEEN[0]}"
    elif seconds > SECONDS:
        harm = harm or f"took {seconds:.2f} s"
    elif megabytes > MEGABYTES:
        harm = harm or f"took {megabytes:.0f} MB"
    return Told(name, result, harm, seconds, megabytes)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _watch() -> None:
    if not hasattr(sys, "_mingtang_watch"):
        sys._mingtang_watch = True  # type: ignore[attr-defined]
        sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not WATCH[0]:
        return
    is_read = event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so", ".xsd", ".pth", QUOTED))
    if is_read or event.startswith(FORBIDDEN):
        SEEN.append(f"{event} {str(arguments)[:100]}")
