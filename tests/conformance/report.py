"""The matrix of a run, in both languages: docs/conformance.md and its Chinese twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.bpmn.standard import RULES

from .betsy import Verdict
from .spector import Score

RAW = {"passed": 74, "refused": 21, "wrong": 14}
"""SpiffWorkflow 3.2 by itself on the same cases, by the same counting."""
PASSES, WORTH = 92, 0.6
RESULTS = ("ended", "waits", "failed", "stopped", "decides", "refused", "unlocated", "lost", "broken")
SAID = {
    "ended": ("ran to its end", "运行至结束"),
    "waits": ("runs and waits", "运行并等待"),
    "failed": ("ended by an error that nobody catches", "因无人捕获的错误而结束"),
    "stopped": ("stopped by a refusal with its reason", "运行中被拒绝并说明原因"),
    "decides": ("table that can be asked", "可查询的决策表"),
    "refused": ("refused at deployment with place and reason", "部署时拒绝并说明位置和原因"),
    "unlocated": ("refused without a place", "拒绝但未说明位置"),
    "lost": ("lost its token", "丢失令牌"),
    "broken": ("broke down or took too long", "出错或超时"),
}
MUST_BE_NONE = ("unlocated", "lost", "broken")


@dataclass(slots=True)
class Run:
    """What a run found. `opened`: collection → result → count."""

    betsy: dict[str, Verdict] = field(default_factory=dict)
    left_out: int = 0
    spector: Score = field(default_factory=lambda: Score(0, 0, 0, 0))
    opened: Mapping[str, Counter[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def totals(self) -> Counter[str]:
        """betsy: result → count."""
        return Counter(verdict.result for verdict in self.betsy.values())

    def misses(self) -> list[str]:
        """The targets that are not met, in words."""
        totals, found = self.totals, []
        if totals["passed"] < PASSES or totals["wrong"] or totals["broken"]:
            found.append(f"betsy: {dict(totals)}")
        if self.spector.worth < WORTH:
            found.append(f"BPMNspector: {self.spector.worth:.2f}")
        found += [f"{name}: {kind} {c[kind]}" for name, c in self.opened.items() for kind in MUST_BE_NONE if c[kind]]
        return found


def write(run: Run, folder: Path) -> None:
    """Write both pages."""
    (folder / "conformance.md").write_text(page(run, 0))
    (folder / "conformance.zh-CN.md").write_text(page(run, 1))


def page(run: Run, language: int) -> str:
    """One page: 0 English, 1 Chinese."""
    return "\n\n".join(part[language] for part in _parts(run)) + "\n"


def _parts(run: Run) -> Iterable[tuple[str, str]]:
    yield "# Conformance", "# 符合性"
    yield "[中文](conformance.zh-CN.md)", "[English](conformance.md)"
    yield INTRODUCTION
    yield "## betsy", "## betsy"
    yield BETSY[0].format(left_out=run.left_out), BETSY[1].format(left_out=run.left_out)
    yield _betsy(run, 0), _betsy(run, 1)
    yield "Refused at deployment:", "部署时拒绝的："
    yield _refusals(run), _refusals(run)
    yield "## BPMNspector", "## BPMNspector"
    yield tuple(text.format(rules=len(RULES)) for text in SPECTOR)  # type: ignore[misc]
    yield _spector(run.spector, 0), _spector(run.spector, 1)
    yield "## Every file", "## 每个文件"
    yield FILES
    yield _opened(run, 0), _opened(run, 1)
    yield "## Rules of the standard", "## 标准的规则"
    yield RULED
    yield _rules(), _rules()


INTRODUCTION = (
    "What happens to diagrams and tables that other people drew. `make conformance` runs them (from "
    "`../shared/corpus`, or the folder in `CORPUS`) in processes of their own with a limit of time and memory, "
    "compares with the targets and writes this page. A sample runs in `make test`. The files are read where they lie "
    "and keep their licences.",
    "别人画的流程图和决策表在本系统中的结果。`make conformance` 在各自独立、限时限内存的进程中运行它们"
    "（位于 `../shared/corpus`，或 `CORPUS` 所指文件夹），与目标比较并生成本页；`make test` 运行其中一部分。"
    "文件就地读取，许可证不变。",
)
BETSY = (
    "The conformance suite of uniba-dsg/betsy: diagrams with the trace that they must leave. Only the dialect is "
    "adapted (what scripts log, conditions, quotes around timers), time is virtual, and each step is also done by a "
    "twin that was frozen and thawed before it. {left_out} cases need a second instance or real parallelism and are "
    "left out.",
    "uniba-dsg/betsy 的符合性测试：流程图及其应留下的轨迹。只改写方言（脚本记录的内容、条件、定时的引号），"
    "时间是虚拟的，每一步同时由先冻结再解冻的副本执行。{left_out} 例需要第二个实例或真正的并行，未计入。",
)
SPECTOR = (
    "Files of uniba-dsg/BPMNspector, labelled valid or violating by their authors. The check knows {rules} rules of "
    "the standard, listed below; a file counts as flagged when one of them is broken. That we do not execute an "
    "element is no claim that the file is invalid and does not count. The labels are never seen by the check.",
    "uniba-dsg/BPMNspector 的文件，作者已标明有效或违规。检查所含的 {rules} 条标准规则列在下方，"
    "违反其中任何一条即为指出。系统不执行某元素并不表示文件无效，不计入。检查看不到标注。",
)
FILES = (
    "Each file is opened as it is, with nothing adapted. One that is accepted is played: every task is done, every "
    "timer fires, every message comes.",
    "每个文件原样打开，不作任何改写；能部署的逐一办理任务、触发定时、送达消息。",
)
RULED = (
    "A breach is an error where the diagram would contradict itself when it runs, else a warning that does not hinder "
    "deployment.",
    "图形运行时自相矛盾的为错误，其余为不妨碍部署的警告。",
)


def _betsy(run: Run, language: int) -> str:
    totals = run.totals
    names = (("passed", "refused by name", "wrong"), ("通过", "指名拒绝", "错误"))[language]
    target = (("target", "目标"), ("SpiffWorkflow 3.2 by itself", "单独的 SpiffWorkflow 3.2"))
    rows = [
        ("", *names),
        ("---", "---:", "---:", "---:"),
        ("Mingtang" if not language else "明堂", totals["passed"], totals["refused"], totals["wrong"]),
        (target[0][language], f"≥ {PASSES}", "", 0),
        (target[1][language], RAW["passed"], RAW["refused"], RAW["wrong"]),
    ]
    return _table(rows)


def _refusals(run: Run) -> str:
    reasons: dict[str, list[str]] = {}
    for name, verdict in run.betsy.items():
        if verdict.result == "refused":
            reasons.setdefault(verdict.why.partition("]: ")[2] or verdict.why, []).append(name)
    return _table(
        [("", ""), ("---", "---"), *((reason, ", ".join(f"`{n}`" for n in names)) for reason, names in reasons.items())]
    )


def _spector(score: Score, language: int) -> str:
    names = (("", "flagged", "of", "share"), ("", "指出", "共", "比例"))[language]
    rows = (
        ("violating files (recall)", "valid files (false alarms)", "recall minus false alarms", "target"),
        ("违规文件（查出）", "有效文件（误报）", "查出减误报", "目标"),
    )[language]
    return _table(
        [
            names,
            ("---", "---:", "---:", "---:"),
            (rows[0], score.flagged, score.violating, f"{score.recall:.3f}"),
            (rows[1], score.alarmed, score.valid, f"{score.false_alarms:.3f}"),
            (rows[2], "", "", f"{score.worth:.3f}"),
            (rows[3], "", "", f"≥ {WORTH}"),
        ]
    )


def _opened(run: Run, language: int) -> str:
    head = ("", *(SAID[result][language] for result in RESULTS))
    rows = [(name, *(counts[result] or "" for result in RESULTS)) for name, counts in sorted(run.opened.items())]
    total = sum(run.opened.values(), Counter())
    last = (("all", "合计")[language], *(total[result] for result in RESULTS))
    return _table([head, ("---", *("---:" for _ in RESULTS)), *rows, last])


def _rules() -> str:
    rows = [(f"`{rule.code}`", rule.clause, rule.level, rule.sentence) for rule in sorted(RULES, key=lambda r: r.code)]
    return _table([("", "BPMN 2.0", "", ""), ("---", "---", "---", "---"), *rows])


def _table(rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)
