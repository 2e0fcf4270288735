"""The same commands under the same seals give the same bytes; snapshots lose nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.bpmn import Execution
from engine.outcomes import Done

from .drawing import MONDAY, Play, Seal, boundary, compiled, process, script, service, timer, user
from .test_scopes import withdrawal

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def busy() -> Play:
    body = START + '<parallelGateway id="f"/><parallelGateway id="j"/>' + user("a") + user("b") + END
    body += script("t", "seen = [k for k in plan]\nkinds = list(set(['x', 'y', 'z']))") + service("v", "mail", "sent")
    body += boundary("late", "a", timer('deadline("3d")'), False)
    text = process(body, "s t f a j v e", "f b j", "late e")
    return Play(compiled(text), {"plan": {"b": 1, "a": 2}}, lambda call: Done({"id": call.id}))


def played() -> Play:
    play = busy()
    play.fire("late")
    play.complete("b", note="后")
    play.complete("a", plan={"z": 1, "a": [1, {"k": None}]})
    return play


def test_two_runs_are_equal_to_the_byte() -> None:
    one, two = played(), played()
    assert one.outcomes == two.outcomes and one.frozen == two.frozen


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    code = "from tests.engine.bpmn.test_determinism import played; print(played().frozen.hex())"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout and bytes.fromhex(runs[0].stdout) == played().frozen


def test_ids_differ_between_instances() -> None:
    one, two = (
        Play(compiled(process(START + user("a") + END, "s a e")), seed="1"),
        Play(compiled(process(START + user("a") + END, "s a e")), seed="2"),
    )
    assert one.task("a").id != two.task("a").id and len(one.task("a").id) == 32


def test_the_order_of_keys_in_what_comes_in_does_not_matter() -> None:
    one, two = busy(), busy()
    assert one.complete("b", x=1, y={"p": 1, "q": 2}) == two.complete("b", y={"q": 2, "p": 1}, x=1)


def test_the_state_digest_tells_what_the_variables_are() -> None:
    one, two = busy(), busy()
    assert one.last.state == two.last.state
    assert one.complete("b", note="one").state != two.complete("b", note="two").state


def test_a_snapshot_is_canonical_json() -> None:
    frozen = busy().frozen
    assert json.dumps(json.loads(frozen), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == frozen


def test_a_snapshot_keeps_each_value_once() -> None:
    body = START + '<parallelGateway id="f"/>' + "".join(user(f"a{n}") for n in range(8)) + END
    play = Play(compiled(process(body, "s f", *(f"f a{n} e" for n in range(8)))), {"text": "明堂" * 5000})
    assert len(play.frozen) < 40_000


def test_a_snapshot_of_a_called_process_goes_on() -> None:
    play = withdrawal()
    again = Execution.thaw(play.program, play.frozen)
    again.complete(play.task("a").id, {}, Seal(MONDAY, "x", play._seal().calendar), play.answer)
    assert again.is_completed


def test_a_snapshot_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        Execution.thaw(busy().program, b'{"format":99}')


def test_a_live_instance_is_small() -> None:
    import tracemalloc

    program = busy().program
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [
        Execution.start(
            program,
            {"plan": {"t": "x" * 2000, "n": n}},
            Seal(MONDAY, f"{n}", withdrawal()._seal().calendar),
            busy().answer,
        )[0]
        for n in range(20)
    ]
    each = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    tracemalloc.stop()
    assert each < 100_000
