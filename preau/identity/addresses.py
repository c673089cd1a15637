"""The addresses of the site, found at once where nothing in them varies.

Django tries one pattern after the other, thirty at each request of a sign-in (docs/decisions/0028).
"""

from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import ResolverMatch, RoutePattern


class Addresses(URLResolver):
    """Rooms, looked up in their order. An address that holds no value is its own route: there are as many as lines in
    the rooms' tables, and each is looked up once per process."""

    def __init__(self, rooms: list[URLPattern | URLResolver]) -> None:
        super().__init__(RoutePattern(""), rooms)
        self._found: dict[str, ResolverMatch] = {}

    def resolve(self, path: Any) -> ResolverMatch:
        """The view of an address. Raises Django's `Resolver404`."""
        found = self._found.get(path)
        if found is None:
            found = super().resolve(path)
            if not found.args and not found.captured_kwargs:  # type: ignore[attr-defined]
                found.tried = None  # the thirty others are of no use but to a page of error
                self._found[path] = found
        return found
