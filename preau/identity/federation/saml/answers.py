"""Answering a service: what it learns of the person, in its own dialect, once per request."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preau import clock
from preau.identity.federation import attributes, release, signing
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import Assertion, Naming, SamlProfile
from preau.identity.federation.saml import encryption, messages, names, signatures, statements
from preau.identity.federation.saml.requests import Asked, Contexts, Declined, Refused
from preau.identity.federation.saml.xml import Element
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions
from preau.identity.signin.models import Session

# What a visit proved, weakest first: classes that the visit's methods (RFC 8176) justify.
_STRENGTH = {names.PASSWORD: 1, names.PASSWORD_OVER_TLS: 2, names.TWO_FACTORS: 3}
_KNOWN, _HELD = frozenset({"pwd", "fc"}), frozenset({"otp", "hwk", "swk"})
_FORMATS = {"persistent": names.PERSISTENT, "email": names.EMAIL}
# Core §8.3: no wish, or ours to choose.
_NO_WISH = frozenset({"", names.UNSPECIFIED})
_A_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """A response, ready to be posted to the service."""

    to: str
    response: Element
    relay_state: str
    of: str


def facts_of(session: Session, profile: SamlProfile, *, at: datetime) -> Facts:
    """The person of a visit, before this service."""
    proof = {"authenticated_at": session.authenticated_at, "amr": session.amr}
    return Facts(session.account, profile.party, day=clock.today(at), **proof)  # type: ignore[arg-type]


def names_for(profile: SamlProfile) -> frozenset[str]:
    """The attributes this service learns; those without a name in SAML never leave."""
    released = release.released_by_saml(profile.party.scopes, own=profile.party.attributes)
    return frozenset(name for name in released if attributes.ATTRIBUTES[name].saml is not None)


def attributes_for(facts: Facts, profile: SamlProfile) -> list[messages.Attribute]:
    """What the service receives for this person, as it receives it (the preview shows the same)."""
    found = attributes.values(facts, names_for(profile))
    return [_attribute(name, value, profile.naming) for name, value in found.items()]


def context_of(session: Session, wanted: Contexts) -> str:
    """How the person proved themselves, in the class the service reads. Raises `Declined`.

    > Core §3.3.2.2.1: exact: the resulting authentication context MUST be the exact match of at least one of the
    > contexts specified; minimum: at least as strong; maximum: without exceeding; better: stronger.
    """
    reached = names.TWO_FACTORS if has_two_factors(session.amr) else names.PASSWORD_OVER_TLS
    if not wanted.classes or names.ANY_CONTEXT in wanted.classes:
        return reached
    found = _matching(_STRENGTH[reached], wanted)
    if found is None:
        raise Declined(names.RESPONDER, names.NO_AUTHN_CONTEXT, "this person did not prove themselves that way")
    return found


def has_two_factors(amr: str) -> bool:
    """Whether these methods (RFC 8176) are two factors: said so, or what one knows beside what one holds."""
    methods = set(amr.split())
    return "mfa" in methods or bool(methods & _KNOWN and methods & _HELD)


def _matching(level: int, wanted: Contexts) -> str | None:
    """The class to write, of those that a proof of this strength justifies."""
    asked = [_STRENGTH[one] for one in wanted.classes if one in _STRENGTH]
    if not asked:
        return None
    if wanted.comparison == "exact":
        strengths = [one for one in asked if one <= level]
    elif wanted.comparison == "minimum":
        strengths = [level] if min(asked) <= level else []
    elif wanted.comparison == "maximum":
        strengths = [min(level, max(asked))]
    else:
        strengths = [level] if max(asked) < level else []
    return next((name for one in strengths for name, strength in _STRENGTH.items() if strength == one), None)


def name_id_of(facts: Facts, asked: Asked) -> messages.NameId:
    """How the person is called before this service. Raises `Declined`."""
    profile, wished = asked.profile, asked.name_id_format
    allowed = {names.TRANSIENT, *(_FORMATS[one] for one in profile.name_id_formats if one in _FORMATS)}
    chosen = names.TRANSIENT if wished in _NO_WISH else wished
    if chosen not in allowed or asked.name_qualifier not in {"", profile.entity_id}:
        raise Declined(names.REQUESTER, names.INVALID_NAME_ID_POLICY, "no such NameID for this service")
    if chosen == names.TRANSIENT:
        return messages.NameId(messages.new_id(), chosen)
    if chosen == names.EMAIL:
        if not facts.account.has_confirmed_email():
            raise Declined(names.REQUESTER, names.INVALID_NAME_ID_POLICY, "this person has no confirmed address")
        return messages.NameId(facts.account.email, chosen)
    # Lower-case hexadecimal: services that ignore case cannot take one person for another (saml2int IIP-IDP21).
    return messages.NameId(attributes.subject(facts.account, sector=facts.sector), chosen)


def success(asked: Asked, session: Session, facts: Facts, *, at: datetime) -> Answer:
    """The signed response with its assertion, remembered. Raises `Declined`, `Refused`."""
    profile = asked.profile
    told = messages.Told(
        name_id=name_id_of(facts, asked),
        session_index=messages.new_id(),
        authenticated_at=session.authenticated_at,
        visit_ends_at=session.started_at + sessions.LONGEST,
        context=context_of(session, asked.contexts),
        attributes=attributes_for(facts, profile),
    )
    certificate = encryption.usable(profile.encryption_certificates)
    if certificate is None and not profile.is_clear_accepted:
        # > saml2int SDP-IDP11: the IdP MUST encrypt assertions. The operator may say otherwise, for one service.
        raise Refused(Cause.NO_ENCRYPTION_KEY, profile=profile)
    key = signing.saml_ring(at=at).signing
    made = messages.assertion(told, party=profile.entity_id, to=asked.consumer, answers=asked.request_id, at=at)
    if profile.signs_assertions:
        made = signatures.sign(made, key=key)
    if certificate is not None:
        algorithm = encryption.algorithm_for(profile.content_encryption, restricted_to=profile.encryption_methods)
        made = encryption.encrypted(made, certificate=certificate, recipient=profile.entity_id, algorithm=algorithm)
    _remember(asked, session, told, at=at)
    response = messages.message("Response", to=asked.consumer, at=at, answers=asked.request_id)
    messages.set_status(response, names.SUCCESS)
    response.append(made)
    return _answer(asked, signatures.sign(response, key=key))


def failure(asked: Asked, refusal: Declined, *, at: datetime) -> Answer:
    """The signed response that says why there is no assertion."""
    response = messages.message("Response", to=asked.consumer, at=at, answers=asked.request_id)
    messages.set_status(response, refusal.status, refusal.within, refusal.said)
    return _answer(asked, signatures.sign(response, key=signing.saml_ring(at=at).signing))


def _answer(asked: Asked, response: Element) -> Answer:
    return Answer(asked.consumer, response, asked.relay_state, asked.profile.party.name)


def _remember(asked: Asked, session: Session, told: messages.Told, *, at: datetime) -> None:
    row = Assertion(
        profile=asked.profile,
        session=session,
        request_digest=statements.digest_of(asked.request_id),
        name_id=told.name_id.value,
        name_id_format=told.name_id.name_format,
        session_index=told.session_index,
        issued_at=at,
    )
    try:
        statements.keep(row, learnt=sorted(names_for(asked.profile)), at=at)
    except statements.AnsweredBefore as error:
        raise Refused(Cause.REPLAYED_REQUEST, profile=asked.profile) from error


def _attribute(name: str, value: Any, naming: str) -> messages.Attribute:
    known = attributes.ATTRIBUTES[name].saml
    assert known is not None, "names_for() keeps only those"
    written, friendly = known
    by_name = naming == Naming.BASIC or bool(_A_NAME.fullmatch(written))
    return messages.Attribute(
        name=friendly if by_name else written,
        friendly_name=friendly,
        name_format=names.BY_NAME if by_name else names.BY_URI,
        values=list(_texts(value)),
    )


def _texts(value: Any) -> Iterable[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
