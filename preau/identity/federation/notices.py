"""Whether somebody must be shown what a service will learn about them, before it learns it. Pure.

The operator says so for each service: nothing (it is the school's own, the law lets it in), told, or asked.
"""

from dataclasses import dataclass

from preau.identity.federation.release import ALWAYS_BY_SAML

NONE, TELL, ASK = "none", "tell", "ask"


@dataclass(frozen=True)
class Known:
    """What somebody was told before, or agreed to."""

    names: frozenset[str]
    is_agreement: bool
    is_withdrawn: bool


def is_due(policy: str, names: frozenset[str], known: Known | None) -> bool:
    """Whether the page must be shown: never yet, taken back, told but now to be asked, or more would be learnt.

    A list that shrinks asks nobody again; nor does one that grows back to what was once agreed.
    """
    if policy == NONE:
        return False
    if known is None or known.is_withdrawn or (policy == ASK and not known.is_agreement):
        return True
    return not about_people(names) <= known.names


def about_people(names: frozenset[str]) -> frozenset[str]:
    """Those that say something of a person; not where one signs out."""
    return names - ALWAYS_BY_SAML


def together(names: frozenset[str], known: Known | None, *, is_agreement: bool) -> frozenset[str]:
    """What counts as told or agreed, once the page of `names` was read: with what was before, unless it was less."""
    names = about_people(names)
    if known is None or known.is_withdrawn or (is_agreement and not known.is_agreement):
        return names
    return names | known.names
