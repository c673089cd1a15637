"""Printing a batch: secrets made and committed, then the paper, one document per division, streamed as it is made.

Nothing is kept: a lost download is a new edition, whose secrets take the place of the lost ones.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from preau.clock import PARIS, today
from preau.design.paper.press import Press
from preau.identity.accounts import lifecycle
from preau.identity.accounts.lifecycle import Secret
from preau.identity.accounts.models import Account, Channel
from preau.identity.audit.events import Events
from preau.identity.audit.record import record, record_many
from preau.identity.distribution import expiry, papers, plan, recipients, rosters
from preau.identity.distribution.models import ON_PAPER, Batch, Notice, Way
from preau.identity.distribution.recipients import Recipient

# One document at most: the memory of the press stays flat (specs: libraries §7).
MOST_SHEETS = 200
MOST_LETTERS = 50
CHANNELS = {Way.LETTER: Channel.LETTER, Way.SHEET: Channel.SHEET}
TITLES = {Way.INVITATION_LETTER: "Invitations", Way.LETTER: "Lettres", Way.SHEET: "Fiches"}


class AlreadyPrinted(Exception):
    """The batch was printed once: again is a new edition, and has to be asked for by name."""


class NothingToPrint(Exception):
    """Nobody of the batch waits for a paper any more."""


@dataclass(frozen=True)
class Document:
    """One file of a download. Its name says a division, never a person."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Download:
    """What the response carries."""

    name: str
    content_type: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Pile:
    """People of one division who receive the same kind of paper: one document."""

    way: Way
    division: str
    people: tuple[Recipient, ...]


def download(batch: Batch, *, by: str, at: datetime, again: bool = False) -> Download:
    """Print the batch. The first document is made before the first byte leaves, the others as the download goes.

    Raises `AlreadyPrinted` without `again`, `NothingToPrint`, and the press's `PressFailed`.
    """
    piles = _begin(batch, by=by, at=at, again=again)
    made = _documents(batch, piles, by=by, at=at)
    first = next(made)
    if len(piles) == 1 and not batch.has_list:
        return Download(first.name, "application/pdf", iter([first.content]))
    name = f"{slugify(TITLES[piles[0].way])}-{batch.school_id}-{today(at):%Y-%m-%d}.zip"
    return Download(name, "application/zip", zipped(_resumed(first, made), at=at))


@transaction.atomic
def _begin(batch: Batch, *, by: str, at: datetime, again: bool) -> list[Pile]:
    """Claim the edition: of two clicks one prints."""
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.downloaded_at is not None and not again:
        raise AlreadyPrinted
    piles = _piles(locked, at=at)
    if not piles:
        raise NothingToPrint
    batch.downloaded_at, batch.editions = at, locked.editions + 1
    batch.save(update_fields=["downloaded_at", "editions"])
    count = sum(len(pile.people) for pile in piles)
    facts = {"batch": batch.pk, "edition": batch.editions, "count": count}
    record(Events.BATCH_DOWNLOADED, by=by, on=batch.school.key, at=at, uai=batch.school_id, **facts)
    return piles


def _piles(batch: Batch, *, at: datetime) -> list[Pile]:
    """Who still waits for a paper, by way and division, in piles the press can carry."""
    ways = dict(batch.notices.filter(way__in=ON_PAPER).values_list("account_id", "way"))
    accounts = Account.objects.filter(pk__in=batch.notices.filter(way__in=ON_PAPER).values("account"))
    people = recipients.read(accounts, uai=batch.school_id, day=today(at))
    waiting = [one for one in people if plan.reason_against(one) is None]
    waiting.sort(key=lambda one: ways[one.account.pk])
    piles = []
    for (way, division), group in groupby(waiting, key=lambda one: (Way(ways[one.account.pk]), one.division)):
        pile, most = tuple(group), MOST_SHEETS if way == Way.SHEET else MOST_LETTERS
        piles += [Pile(way, division, pile[start : start + most]) for start in range(0, len(pile), most)]
    return piles


def _documents(batch: Batch, piles: Sequence[Pile], *, by: str, at: datetime) -> Iterator[Document]:
    """Each document, made when it is asked for. The digests of its secrets are committed before it is drawn."""
    seen: Counter[str] = Counter()
    with Press(at=at) as press:
        for pile in piles:
            secrets = _made(batch, pile, by=by, at=at)
            people = [one for one in pile.people if one.account.pk in secrets]
            if not people:
                continue
            label = f"{TITLES[pile.way]} {pile.division}".strip()
            seen[slugify(label)] += 1
            stem = slugify(label) + (f"-{seen[slugify(label)]}" if seen[slugify(label)] > 1 else "")
            paired = [(one, secret) for one in people if (secret := secrets[one.account.pk])]
            if pile.way == Way.INVITATION_LETTER:
                data = papers.invitations(people, school=batch.school, at=at, title=label)
                yield Document(f"{stem}.pdf", press.render("invitation", data))
            elif pile.way == Way.LETTER:
                data = papers.letters(paired, school=batch.school, at=at, title=label)
                yield Document(f"{stem}.pdf", press.render("letter", data))
            else:
                data = papers.sheets(paired, school=batch.school, layout=batch.layout, title=label)
                yield Document(f"{stem}.pdf", press.render("sheets", data))
            if batch.has_list:
                yield from _lists(batch, paired, stem=stem, press=press, at=at)


def _lists(
    batch: Batch, paired: Sequence[tuple[Recipient, Secret]], *, stem: str, press: Press, at: datetime
) -> Iterator[Document]:
    """The same secrets as the sheets of the same download, as a list: PDF and CSV."""
    secrets = {one.account.pk: secret.password for one, secret in paired}
    table = rosters.rows([one for one, _secret in paired], secrets=secrets)
    title = _("Liste %(division)s") % {"division": paired[0][0].division}
    data = papers.roster(table, is_secret=True, school=batch.school, on=today(at), title=title.strip())
    yield Document(f"liste-{stem}.pdf", press.render("roster", data))
    yield Document(f"liste-{stem}.csv", rosters.as_csv(table))


@transaction.atomic
def _made(batch: Batch, pile: Pile, *, by: str, at: datetime) -> dict[int, Secret | None]:
    """Secrets of a pile (None for an invitation), by account, for those who are still to be notified."""
    wanted = [one.account.pk for one in pile.people]
    accounts = list(Account.objects.select_for_update().not_active().filter(pk__in=wanted).order_by("pk"))
    notices = Notice.objects.filter(batch=batch, account__in=[account.pk for account in accounts])
    if pile.way == Way.INVITATION_LETTER:
        notices.update(made_at=at)
        keys = [account.key for account in accounts]
        record_many(Events.INVITED, by=by, on=keys, at=at, uai=batch.school_id, batch=batch.pk)
        return dict.fromkeys([account.pk for account in accounts])
    channel = CHANNELS[pile.way]
    expires = expiry.expires_at(channel, at)
    secrets = lifecycle.notify(accounts, channel=channel, expires_at=expires, by=by, at=at, uai=batch.school_id)
    notices.update(made_at=at, expires_at=expires)
    return {secret.account.pk: secret for secret in secrets}


def _resumed(first: Document, others: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield from others


class _Outlet:
    """Where zipfile writes: what it wrote is taken away at once."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep until taken."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to push further."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        written, self._written = b"".join(self._written), []
        return written


def zipped(documents: Iterator[Document], *, at: datetime) -> Iterator[bytes]:
    """A zip that leaves as it is made. PDF does not shrink: stored as it is."""
    outlet = _Outlet()
    dated = at.astimezone(PARIS).timetuple()[:6]
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for document in documents:
            archive.writestr(zipfile.ZipInfo(document.name, dated), document.content)
            yield outlet.taken()
    yield outlet.taken()
