"""Settings from the environment. Each wrong one is refused by the name of its variable and what is expected."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

PREFIX = "MINGTANG_"
FOREIGN = "MINGTANG_TEST_"
"""Read by the tests, not by the product."""


class BadSetting(Exception):
    """A variable of the environment is wrong. Says which, what it holds and what is expected."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """All that differs from one house to another."""

    var: Path
    """Folder for everything that is written and no other place was named for."""
    database_url: str
    store_url: str
    """Where attachments lie: a folder or any address fsspec knows."""
    secret_key: str
    bind: tuple[str, int]
    upload_limit: int
    """Bytes of one attachment."""
    session_minutes: int
    """Minutes without a click after which one signs in again."""
    secure_cookies: bool
    workers: int
    threads: int
    proxies: int
    """How many trusted proxies stand in front and set X-Forwarded-*."""
    webhook_timeout: int
    """Seconds an outside address may take to answer."""


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings the environment asks for. `BadSetting` names the first wrong or unknown variable."""
    environment = os.environ if environment is None else environment
    ours = {
        name: value for name, value in environment.items() if name.startswith(PREFIX) and not name.startswith(FOREIGN)
    }
    _refuse_unknown(ours)
    values = {name: _parse(name, ours) for name in VARIABLES}
    var = values["MINGTANG_VAR"]
    return Settings(
        var=var,
        database_url=values["MINGTANG_DATABASE_URL"] or f"sqlite:///{var / 'mingtang.db'}",
        store_url=values["MINGTANG_STORE_URL"] or (var / "store").as_uri(),
        secret_key=values["MINGTANG_SECRET_KEY"] or _own_secret(var / "secret"),
        bind=values["MINGTANG_BIND"],
        upload_limit=values["MINGTANG_UPLOAD_LIMIT_MB"] * 1024 * 1024,
        session_minutes=values["MINGTANG_SESSION_MINUTES"],
        secure_cookies=values["MINGTANG_SECURE_COOKIES"],
        workers=values["MINGTANG_WORKERS"],
        threads=values["MINGTANG_THREADS"],
        proxies=values["MINGTANG_PROXIES"],
        webhook_timeout=values["MINGTANG_WEBHOOK_TIMEOUT_SECONDS"],
    )


def _refuse_unknown(ours: Mapping[str, str]) -> None:
    for name in sorted(set(ours) - set(VARIABLES)):
        raise BadSetting(name, ours[name], "no such setting; known are " + ", ".join(VARIABLES))


def _parse(name: str, ours: Mapping[str, str]) -> Any:
    variable = VARIABLES[name]
    value = ours.get(name, variable.default)
    try:
        return variable.parse(value.strip())
    except ValueError:
        raise BadSetting(name, value, variable.expected) from None


def _own_secret(path: Path) -> str:
    """The key of this installation, made on the first run and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := token_urlsafe(48))
    return key


def address(value: str) -> tuple[str, int]:
    """HOST:PORT of the command line; `BadSetting` where it is not."""
    try:
        return _address(value)
    except ValueError:
        raise BadSetting("--bind", value, VARIABLES["MINGTANG_BIND"].expected) from None


def _folder(value: str) -> Path:
    if not value or Path(value).is_file():
        raise ValueError
    return Path(value).absolute()


def _database(value: str) -> str:
    if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError
    return value


def _secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError
    return value


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not 0 < int(port) < 65536:
        raise ValueError
    return host, int(port)


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(value: str) -> int:
        if not low <= int(value) <= high:
            raise ValueError
        return int(value)

    return number


def _yes_or_no(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError
    return words[value.lower()]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its default, how it is read, and what a wrong one is told."""

    default: str
    parse: Callable[[str], Any]
    expected: str


VARIABLES: Mapping[str, Variable] = {
    "MINGTANG_VAR": Variable("var", _folder, "a folder"),
    "MINGTANG_DATABASE_URL": Variable("", _database, "sqlite:///… or postgresql+psycopg://…"),
    "MINGTANG_STORE_URL": Variable("", str, "a folder or an address that fsspec knows, such as file:///srv/store"),
    "MINGTANG_SECRET_KEY": Variable("", _secret, "at least 32 characters"),
    "MINGTANG_BIND": Variable("127.0.0.1:8000", _address, "HOST:PORT"),
    "MINGTANG_UPLOAD_LIMIT_MB": Variable("25", _between(1, 2048), "a whole number of megabytes from 1 to 2048"),
    "MINGTANG_SESSION_MINUTES": Variable("60", _between(1, 1440), "a whole number of minutes from 1 to 1440"),
    "MINGTANG_SECURE_COOKIES": Variable("no", _yes_or_no, "yes or no"),
    "MINGTANG_WORKERS": Variable("2", _between(1, 64), "a whole number from 1 to 64"),
    "MINGTANG_THREADS": Variable("4", _between(1, 64), "a whole number from 1 to 64"),
    "MINGTANG_PROXIES": Variable("0", _between(0, 8), "a whole number from 0 to 8"),
    "MINGTANG_WEBHOOK_TIMEOUT_SECONDS": Variable("10", _between(1, 120), "a whole number of seconds from 1 to 120"),
}
"""Every setting there is; anything else with our prefix is refused."""
