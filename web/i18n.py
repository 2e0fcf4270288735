"""Languages: English in the code, Chinese in small catalogues, one per area, read when the program starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, format_date, format_datetime, get_locale, gettext, ngettext

import forms
from engine.clock import SHANGHAI
from engine.refusals import Saying

LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
DEFAULT = "zh_Hans_CN"
COOKIE = "language"
NAMING = frozenset({"what", "reason"})
"""Parameters of refusals that are words themselves."""
TRANSLATIONS = Path(__file__).parent / "translations"


def install(app: Flask) -> None:
    """Give the app its languages: `_()` in templates, dates in Asia/Shanghai, `named()` for data with two names."""
    babel = Babel(app, default_locale=DEFAULT, default_timezone="Asia/Shanghai", locale_selector=chosen)
    babel.domain_instance = Catalogue()
    forms.messages.use(gettext, language)
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        named=named,
        file_size=file_size,
        period=period,
        deadline=deadline,
        arithmetic=arithmetic,
    )
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES})


def chosen() -> str:
    """The language of the request's cookie, Chinese where there is none; of programs the one their header asks for."""
    if not has_request_context():
        return DEFAULT
    if request.blueprint == "api":
        return "en" if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else DEFAULT
    wanted = request.cookies.get(COOKIE, DEFAULT)
    return wanted if wanted in LANGUAGES else DEFAULT


def language() -> str:
    """`zh` or `en`: the language the page is written in."""
    locale = get_locale()
    return locale.language if locale else "zh"


class Catalogue(Domain):  # type: ignore[misc]
    """All catalogues of a language as one."""

    def __init__(self) -> None:
        super().__init__(domain="mingtang")
        self.by_locale = {name: load(name) for name in LANGUAGES}

    def get_translations(self) -> Translations:
        return self.by_locale[chosen()]


def load(locale: str) -> Translations:
    """The translations of all `*.po` of one language. A message said in two of them must be said alike."""
    translations = Translations()
    translations._catalog = dict(messages(locale))  # babel reads only compiled catalogues; ours need no compiling
    translations.plural = lambda n: int(n != 1) if locale == "en" else 0
    return translations


def messages(locale: str) -> Iterator[tuple[Any, str]]:
    """Each msgid (a pair of msgid and index for plurals) with its translation."""
    for path in sorted((TRANSLATIONS / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id and message.string:
                    yield from _entries(message.id, message.string)


def _entries(msgid: Any, string: Any) -> Iterator[tuple[Any, str]]:
    if isinstance(msgid, str):
        yield msgid, string
    else:
        yield from (((msgid[0], index), form) for index, form in enumerate(string))


def refusal(template: str, parameters: dict[str, Any]) -> str:
    """A refusal's message in the reader's language, filled in; moments are written as the reader writes them."""
    spoken = {name: _spoken(name, value) for name, value in parameters.items()}
    try:
        return str(gettext(template)).format(**spoken)
    except (KeyError, IndexError):
        return str(gettext(template))


def phrase(said: str) -> str:
    """A phrase of the engine in the reader's language; other text as it is."""
    return refusal(said.template, dict(said.parameters)) if isinstance(said, Saying) else said


def _spoken(name: str, value: Any) -> Any:
    if isinstance(value, Saying):
        return phrase(value)
    if isinstance(value, datetime):
        return moment(value)
    return gettext(value) if name in NAMING and isinstance(value, str) and value else value


def moment(value: datetime | str | None) -> str:
    """`2025年3月4日 09:05` in Asia/Shanghai, or `4 Mar 2025, 09:05`."""
    if value is None:
        return ""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return str(format_datetime(value, "y年M月d日 HH:mm" if language() == "zh" else "d MMM y, HH:mm"))


def deadline(value: datetime | str | None) -> str:
    """Like `moment`, but the end of a day belongs to that day: `2025年3月4日 24:00`, not the next one at 00:00."""
    if value is None:
        return ""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = value.astimezone(SHANGHAI)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(value)
    return f"{day(local.date() - timedelta(days=1))}{' ' if language() == 'zh' else ', '}24:00"


def day(value: date | str | None) -> str:
    """`2025年3月4日`, or `4 Mar 2025`."""
    if value is None:
        return ""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return str(format_date(value, "y年M月d日" if language() == "zh" else "d MMM y", rebase=isinstance(value, datetime)))


def named(thing: Any) -> str:
    """The name of a thing that has one in each language: a mapping or an object with `zh` (or `name`) and `en`."""
    if thing is None:
        return ""
    if isinstance(thing, str):
        return thing
    said = thing.get if isinstance(thing, dict) else lambda key, default=None: getattr(thing, key, default)
    chinese = said("zh") or said("name") or ""
    return str((said("en") or chinese) if language() == "en" else chinese)


def period(spec: str) -> str:
    """A period such as `2wd` or `24h` in words."""
    found = re.fullmatch(r"(\d+)(wd|d|h|m|s)", spec)
    if not found:
        return spec
    count = int(found[1])
    words = {
        "wd": ngettext("%(num)d working day", "%(num)d working days", count),
        "d": ngettext("%(num)d day", "%(num)d days", count),
        "h": ngettext("%(num)d hour", "%(num)d hours", count),
        "m": ngettext("%(num)d minute", "%(num)d minutes", count),
        "s": ngettext("%(num)d second", "%(num)d seconds", count),
    }
    return str(words[found[2]])


def arithmetic(how: str | None) -> dict[str, Any] | None:
    """How a deadline was computed: {spec, from, counted, skipped}, and `before` where the calendar changed since."""
    return dict(json.loads(how)) if how else None


def file_size(size: int) -> str:
    """Bytes as people say them: `12 KB`, `3.4 MB`."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"
