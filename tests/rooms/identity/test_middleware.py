"""The policy of contents is written once, and says what django-csp would say."""

from typing import Any

from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from preau.identity.middleware import ContentSecurityPolicy, careful_headers

HEADER = "Content-Security-Policy"


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def with_a_nonce(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.csp_nonce))  # type: ignore[attr-defined]


def answers(view: Any) -> list[Any]:
    """Ours and django-csp's."""
    return [made(view)(RequestFactory().get("/")) for made in (ContentSecurityPolicy, CSPMiddleware)]


def test_an_ordinary_page_has_the_same_policy() -> None:
    ours, theirs = answers(plain)
    assert ours[HEADER] == theirs[HEADER] and "default-src 'none'" in ours[HEADER]


def test_a_page_that_takes_a_nonce_says_it_and_never_the_same() -> None:
    ours, theirs = answers(with_a_nonce)
    assert f"'nonce-{ours.content.decode()}'" in ours[HEADER]
    assert f"'nonce-{theirs.content.decode()}'" in theirs[HEADER]
    assert ours.content != theirs.content


def test_a_view_may_change_its_policy() -> None:
    for changed in (csp_update({"img-src": ["https://example.org"]}), csp_exempt()):
        ours, theirs = answers(changed(plain))
        assert ours.get(HEADER) == theirs.get(HEADER) != answers(plain)[0][HEADER]


def test_a_page_that_posts_to_a_party_names_that_party_alone() -> None:
    for place in ("https://ent.example", "https://other.example", "https://ent.example"):
        ours, theirs = answers(csp_replace({"form-action": [place]})(plain))
        assert ours[HEADER] == theirs[HEADER] and f"form-action {place}" in ours[HEADER]


def test_a_policy_already_there_is_left() -> None:
    ours, _ = answers(lambda request: HttpResponse(headers={HEADER: "default-src 'none'"}))
    assert ours[HEADER] == "default-src 'none'"


def test_a_page_says_its_language() -> None:
    assert careful_headers(plain)(RequestFactory().get("/"))["Content-Language"] == "fr"
