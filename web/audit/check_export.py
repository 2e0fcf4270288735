#!/usr/bin/env python3
"""Check an exported journal with nothing but Python's standard library: python3 verify.py [folder]

核验导出的过程日志：在本文件所在文件夹运行 python3 verify.py，不依赖本系统。
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode("utf-8")).hexdigest()


def spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(entry: dict[str, Any]) -> str:
    said = [entry["instance_id"], str(entry["position"]), entry["at"], entry["kind"], entry["by"] or ""]
    return sha256("\n".join([*said, entry["previous"], entry["body"]]))


def ran_on(entries: list[dict[str, Any]]) -> list[str]:
    """The versions that the journal began on and was moved to, in order."""
    try:
        said = [json.loads(entry["body"])["command"] for entry in entries if entry["kind"] in ("start", "migrate")]
        return [str(command["version"]) for command in said]
    except (ValueError, LookupError, TypeError):
        return []


def broken_versions(folder: Path, instance: dict[str, Any], wanted: list[str]) -> Iterator[str]:
    versions = json.loads((folder / "versions.json").read_text("utf-8"))
    for version in versions:
        for path, digest in version["files"].items():
            if sha256((folder / "versions" / version["id"] / path).read_bytes()) != digest:
                yield f"versions/{version['id']}/{path}: the file does not match its digest / 文件与摘要不符"
        if sha256(spelled(version["files"])) != version["id"]:
            yield f"versions.json: {version['id']}: its files are not those of the version / 文件清单与版本摘要不符"
    if [version["id"] for version in versions] != wanted or wanted[-1:] != [instance["version"]]:
        yield "versions.json: not the versions that the journal names / 所列版本与日志所载不符"


def broken(folder: Path) -> Iterator[str]:
    instance = json.loads((folder / "instance.json").read_text("utf-8"))
    lines = (folder / "entries.jsonl").read_text("utf-8").split("\n")
    entries = [json.loads(line) for line in lines if line]
    versions = ran_on(entries)
    yield from broken_versions(folder, instance, versions)
    previous, position = sha256(instance["id"] + "\n" + (versions or [instance["version"]])[0]), 0
    for entry in entries:
        position += 1
        if entry["instance_id"] != instance["id"]:
            yield f"entry {entry['position']}: belongs to another instance / 第 {entry['position']} 条不属于本实例"
        if entry["position"] != position:
            yield f"entry {position}: missing / 缺第 {position} 条"
            return
        if entry["previous"] != previous:
            yield f"entry {position}: not chained to the one before it / 第 {position} 条与前一条不衔接"
            return
        if entry_hash(entry) != entry["hash"]:
            yield f"entry {position}: its content does not match its hash / 第 {position} 条内容与摘要不符"
            return
        previous = entry["hash"]
    if (instance["position"], instance["head"]) != (position, previous):
        yield f"the journal ends at entry {position}, the instance at {instance['position']} / 日志末尾与实例记录不符"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    found = list(broken(folder))
    for sentence in found:
        print("BROKEN / 异常 —", sentence)
    if not found:
        instance = json.loads((folder / "instance.json").read_text("utf-8"))
        print(f"OK / 完好 — {instance['position']} entries / 条; head / 末条摘要 {instance['head']}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
