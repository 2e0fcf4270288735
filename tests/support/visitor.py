"""Somebody at a browser without scripts: keeps cookies, reads pages, fills in their forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

from lxml import html


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered, after redirects."""

    status: int
    url: str
    body: str

    @property
    def text(self) -> str:
        """The words of the page's main part, or of the whole page."""
        tree = html.fromstring(self.body)
        part = next(iter(tree.xpath("//main")), tree)
        return " ".join(part.text_content().split())

    def form(self, action: str) -> Form:
        """The form whose action ends so; LookupError where there is none."""
        for form in html.fromstring(self.body).forms:
            if (form.get("action") or "").split("?")[0].endswith(action):
                return Form(urljoin(self.url, form.get("action")), dict(form.form_values()))
        raise LookupError(f"no form for {action} on {self.url}:\n{self.text[:2000]}")


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form goes and what it holds before anybody fills it in, the hidden token included."""

    action: str
    values: Mapping[str, Any]

    def filled(self, **values: str) -> Form:
        return Form(self.action, {**self.values, **values})


class Visitor:
    """One browser. `elsewhere(url)` is the same person, signed in, on another server of the same installation."""

    def __init__(self, url: str, cookies: Iterable[Any] = ()) -> None:
        self.url = url
        self.cookies = CookieJar()
        for cookie in cookies:
            self.cookies.set_cookie(cookie)
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def elsewhere(self, url: str) -> Visitor:
        return Visitor(url, self.cookies)

    def open(self, path: str) -> Page:
        return self._ask(Request(urljoin(self.url, path)))

    def send(self, form: Form) -> Page:
        """Send a form to this visitor's own server, wherever the page came from."""
        path = form.action.split("/", 3)[3]
        address = urljoin(self.url, "/" + path)
        return self._ask(Request(address, urlencode(form.values).encode(), {"Referer": address}))

    def sign_in(self, login: str, password: str) -> Page:
        page = self.send(self.open("/sign-in").form("/sign-in").filled(login=login, password=password))
        if page.url.endswith("/sign-in"):
            raise AssertionError(f"{login} could not sign in: {page.text[:500]}")
        return page

    def _ask(self, request: Request) -> Page:
        try:
            with self.opener.open(request, timeout=60) as reply:
                return Page(reply.status, reply.url, reply.read().decode())
        except HTTPError as error:
            with error:
                return Page(error.code, error.url, error.read().decode(errors="replace"))
