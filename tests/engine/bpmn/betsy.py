"""The betsy conformance diagrams (uniba-dsg/betsy, data only) in our dialect, and how to play them through."""

from __future__ import annotations

import json
import re
from pathlib import Path

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "betsy"
SCRIPTS = {
    "SET_STRING_DATA": "data = 'String'",
    "INCREMENT_INTEGER_VARIABLE_AND_LOG": "integerVariable = integerVariable + 1",
    "INCREMENT_INTEGER_VARIABLE": "integerVariable = integerVariable + 1",
}
CONDITIONED = "conditionExpression|loopCondition|completionCondition|loopCardinality|activationCondition"


def cases() -> list[tuple[str, str, int, str]]:
    """(file, process, integer, text) of each case; nothing when the corpus is not at hand."""
    if not CORPUS.exists():
        return []
    expected = json.loads((CORPUS / "expectations.json").read_text())
    return [(t["file"], t["process"], c["integer"], c["input"] or "") for t in expected for c in t["cases"]]


def diagram(file: str) -> bytes:
    """The file with its scripts, conditions and timers as Python."""
    text = (CORPUS / file).read_text()
    text = re.sub(r"(<bpmn2:script>)\s*([^<]*?)\s*(</bpmn2:script>)", _script, text)
    text = re.sub(rf"(<bpmn2:(?:{CONDITIONED})[^>]*>)(.*?)(</)", _condition, text, flags=re.S)
    return re.sub(r"(<bpmn2:time(?:Duration|Cycle|Date)[^>]*>)\s*([^<]*?)\s*(</)", r'\1"\2"\3', text).encode()


def _script(found: re.Match[str]) -> str:
    return found[1] + SCRIPTS.get(found[2], "passed = True") + found[3]


def _condition(found: re.Match[str]) -> str:
    text = found[2].replace("<![CDATA[", "").replace("]]>", "").strip()
    text = re.sub(r'!\s*test\.contains\(("\w+")\)', r"\1 not in test", text)
    text = re.sub(r'test\.contains\(("\w+")\)', r"\1 in test", text)
    text = re.sub(r"\$\{(\w+)\}", r"\1", text)
    text = {"true": "True", "false": "False"}.get(text, text)
    return found[1] + re.sub(r"<(?=[\s\d=])", "&lt;", text) + found[3]
