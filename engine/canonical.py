"""One spelling for every value, so that equal things have equal bytes and equal hashes."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any


def dump(value: Any) -> str:
    """JSON with sorted keys, no spaces, no escapes for Chinese. `TypeError` for what JSON does not know."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: bytes | str) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return sha256(value.encode() if isinstance(value, str) else value).hexdigest()
