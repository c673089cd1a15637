"""Who an import tells, and what: nobody enters a family, nor changes its addresses, unseen (design §6.5)."""

import base64
from datetime import datetime
from typing import Any

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.directory import protection
from preau.identity.directory.models import Enrolment, Guardian
from preau.identity.imports.plan import Of, Plan, Watch
from preau.identity.imports.snapshot import Snapshot
from preau.identity.messaging import outbox
from preau.identity.messaging.catalogue import Envelope
from preau.identity.messaging.models import Outgoing

_PURPOSE = "imports/old-address"


def tell(plan: Plan, known: Snapshot, *, guardians: dict[str, int], pupils: dict[str, int], at: datetime) -> None:
    """Post the messages of the watched changes, in the import's transaction."""
    before = {change.key[0]: change.before for change in plan.of(Of.GUARDIAN) if change.before is not None}
    for one in plan.watched:
        if one.why is Watch.CONTACT_CHANGED:
            old = before[one.guardian].email if "email" in one.channels else ""
            proven = known.known_guardians[one.guardian].proven
            facts: dict[str, Any] = {"guardian": guardians[one.guardian], "channels": list(one.channels)}
            outbox.post("imports/contact_changed", on=f"account:{one.told[0]}", at=at, **facts)
            if old and old not in proven:
                # The address the base knew until today: sealed, because what waits to leave holds no address.
                outbox.post("imports/contact_changed", on=f"account:{one.told[0]}", at=at, sealed=_seal(old), **facts)
            continue
        for account in one.told:
            facts = {"guardian": guardians[one.guardian], "pupil": pupils[one.pupil], "uai": plan.uai}
            outbox.post("imports/guardian_added", on=f"account:{account}", at=at, why=one.why.value, **facts)


def guardian_added(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « un responsable a été ajouté »: the child and the school, never who, nor how to reach them."""
    account = _account(outgoing)
    enrolment = (
        Enrolment.objects.filter(pupil=outgoing.facts["pupil"], school=outgoing.facts["uai"])
        .select_related("pupil", "school")
        .first()
    )
    if account is None or enrolment is None or enrolment.pupil.is_protected():
        return None
    return Envelope(
        to=account.email,
        context={
            "pupil": enrolment.pupil,
            "school": enrolment.school,
            "is_new": outgoing.facts["why"] == Watch.GUARDIAN_ADDED,
            **_holder(account),
        },
    )


def contact_changed(outgoing: Outgoing, at: datetime) -> Envelope | None:
    """Context of « vos coordonnées ont changé »: which, and in which school; to the proved address, or the old one."""
    guardian = Guardian.objects.filter(pk=outgoing.facts["guardian"]).select_related("school").first()
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    if guardian is None or account is None:
        return None
    sealed = outgoing.facts.get("sealed")
    to = _unseal(sealed) if sealed else (account.email if account.has_confirmed_email() else "")
    context = {"school": protection.named_school(guardian), "channels": outgoing.facts["channels"], **_holder(account)}
    return Envelope(to=to, context=context) if to else None


def _account(outgoing: Outgoing) -> Account | None:
    account = Account.objects.filter(pk=outgoing.on.partition(":")[2]).first()
    return account if account and account.is_open() and account.has_confirmed_email() else None


def _holder(account: Account) -> dict[str, str]:
    holder = account.holder()
    return {"first_name": holder.first_name if holder else "", "username": account.username}


def _seal(address: str) -> str:
    return base64.b64encode(keys.encrypt(_PURPOSE, address.encode())).decode()


def _unseal(sealed: str) -> str:
    return keys.decrypt(_PURPOSE, base64.b64decode(sealed)).decode()
