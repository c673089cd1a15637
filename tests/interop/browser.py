"""Somebody at a browser without scripts: follows redirects, fills the sign-in form in, presses the button of a page."""

from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup, Tag

_TIMEOUT = 30.0


class Browser:
    """Cookies, and the page one is on. Ports are not told apart in cookies, hosts are: as in life."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self.page = requests.Response()
        self._before = self.page

    @property
    def url(self) -> str:
        """Where one is."""
        return str(self.page.url)

    @property
    def text(self) -> str:
        """What the page says, in UTF-8."""
        return self.page.content.decode("utf-8", "replace")

    def go(self, address: str) -> requests.Response:
        """Type an address, or click on a link."""
        return self._arrive("GET", urljoin(self.url or "", address))

    def back(self) -> None:
        """To the page before, as it was."""
        self.page = self._before

    def link(self, words: str) -> str:
        """Where the link that begins with these words leads."""
        links = BeautifulSoup(self.text, "html.parser").find_all("a", href=True)
        (found,) = [str(one["href"]) for one in links if one.get_text(strip=True).startswith(words)]
        return found

    def press(self, name: str = "", **typed: str) -> requests.Response:
        """Send the form of the page (the one with a field `name`), with what is typed over what it holds."""
        form = self.form(name)
        fields = {
            str(one["name"]): str(one.get("value", ""))
            for one in form.find_all("input")
            if one.get("name") and one.get("type") not in {"submit", "checkbox", "radio"}
        }
        address = urljoin(self.url, str(form.get("action") or ""))
        method = str(form.get("method", "get")).upper()
        return self._arrive(method, address or self.url, {**fields, **typed})

    def form(self, name: str = "") -> Tag:
        """The form of the page that has a field `name`."""
        forms = [
            one
            for one in BeautifulSoup(self.text, "html.parser").find_all("form")
            if not name or one.find(attrs={"name": name})
        ]
        assert forms, f"no form with {name!r} at {self.url} ({self.page.status_code}):\n{self.text[:3000]}"
        return forms[0]

    def carry_on(self) -> requests.Response:
        """Press the button of each page that a script would have sent by itself (SAML, form_post)."""
        for _ in range(6):
            if not any(f'name="{name}"' in self.text for name in ("SAMLResponse", "SAMLRequest", "code", "error")):
                break
            self.press()
        return self.page

    def sign_in(self, username: str, password: str, *, profile: str, carry_on: bool = True) -> requests.Response:
        """From the page that asks who is there to the service, or to the page that would post there."""
        if urlsplit(self.url).path == "/connexion/":
            links = BeautifulSoup(self.text, "html.parser").find_all("a", href=True)
            (link,) = [str(one["href"]) for one in links if f"/connexion/{profile}/" in str(one["href"])]
            self.go(link)
        self.press(
            "username" if 'name="username"' in self.text else "j_username", **_typed(self.text, username, password)
        )
        return self.carry_on() if carry_on else self.page

    def forget(self, host: str) -> None:
        """Lose the cookies of a host."""
        self._session.cookies.clear(host)

    def _arrive(self, method: str, address: str, fields: dict[str, str] | None = None) -> requests.Response:
        headers = {"Origin": _origin(self.url)} if method == "POST" and self.url else {}
        data = fields if method == "POST" else None
        self._without_lax(method, address)
        params = fields if method == "GET" and fields else None
        page = self._session.request(method, address, data=data, params=params, headers=headers, timeout=_TIMEOUT)
        for cookie in self._kept:
            self._session.cookies.set_cookie(cookie)
        self._before, self.page = self.page, page
        # > HTML §4.2.5.3: Refresh moves on by itself, without any script.
        onwards = page.headers.get("Refresh", "").partition("url=")[2]
        return self._arrive("GET", urljoin(self.url, onwards)) if onwards else page

    def _without_lax(self, method: str, address: str) -> None:
        """Cookies that say SameSite=Lax or Strict do not travel with a form that another site sends."""
        self._kept = []
        if method != "POST" or not self.url or urlsplit(address).hostname == urlsplit(self.url).hostname:
            return
        for cookie in list(self._session.cookies):
            policy = next((str(value) for name, value in cookie._rest.items() if name.lower() == "samesite"), "")
            if policy.lower() in {"lax", "strict"} and urlsplit(address).hostname in cookie.domain:
                self._kept.append(cookie)
                self._session.cookies.clear(cookie.domain, cookie.path, cookie.name)


def _typed(page: str, username: str, password: str) -> dict[str, str]:
    names = ("username", "password") if 'name="username"' in page else ("j_username", "j_password")
    return dict(zip(names, (username, password), strict=True))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
