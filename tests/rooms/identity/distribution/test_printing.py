"""Paper: made once, while it leaves; nothing kept; a lost download is a new edition."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, TemporaryPassword
from preau.identity.accounts.origins import Origin
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.distribution import batches, printing, recipients
from preau.identity.distribution.models import Batch
from preau.identity.distribution.plan import plan
from preau.identity.distribution.printing import AlreadyPrinted, NothingToPrint
from preau.identity.distribution.wishes import Wish
from tests.rooms.identity.console.world import World
from tests.rooms.identity.distribution.conftest import opens


def prepared(world: World, wish: Wish, *names: str, once: str = "1", **more: object) -> Batch:
    """A batch for these people."""
    chosen = Account.objects.filter(pk__in=[world.accounts[name].pk for name in names])
    people = recipients.read(chosen, uai="0991234D", day=world.day)
    return batches.prepare(
        plan(people, wish),
        school=world.schools["ours"],
        once=once,
        by="staff:1",
        at=world.at,
        **more,  # type: ignore[arg-type]
    )


def words_of(pdf: bytes) -> str:
    """The text of a PDF, without its line ends."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def printed(batch: Batch, world: World, **more: bool) -> bytes:
    return b"".join(printing.download(batch, by="staff:1", at=world.at, **more).chunks)


def test_nothing_is_made_before_the_paper_is_asked_for(world: World) -> None:
    prepared(world, Wish.LETTERS, "Samira", "Odette")
    assert not TemporaryPassword.objects.exists()
    assert set(Account.objects.values_list("state", flat=True)) == {"unnotified"}


def test_one_division_is_one_pdf_whose_secrets_open_the_accounts(world: World, made: list[str]) -> None:
    text = words_of(printed(prepared(world, Wish.SHEETS, "Inès", "Adama"), world))
    assert len(made) == 2
    for name, secret in (("Inès", None), ("Adama", None)):
        account = world.accounts[name]
        (mine,) = [one for one in made if opens(one, account)]
        assert mine in text.replace(" ", "") and account.username in text
        account.refresh_from_db()
        assert account.state == "notified" and secret is None


def test_several_divisions_are_a_zip_streamed_as_it_is_made(world: World, made: list[str]) -> None:
    download = printing.download(prepared(world, Wish.SHEETS, "Inès", "Hugo"), by="staff:1", at=world.at)
    assert len(made) == 1, "the second division waits for its turn"
    body = b"".join(download.chunks)
    assert len(made) == 2
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["fiches-5e-b.pdf", "fiches-6e-a.pdf"]
        assert archive.testzip() is None


def test_digests_are_committed_before_the_first_byte(world: World, made: list[str]) -> None:
    chunks = printing.download(prepared(world, Wish.SHEETS, "Inès", "Hugo"), by="staff:1", at=world.at).chunks
    assert opens(made[0], world.accounts["Inès"])
    next(chunks)
    assert TemporaryPassword.objects.count() == 1
    chunks.close()  # type: ignore[attr-defined]
    assert not TemporaryPassword.objects.filter(account=world.accounts["Hugo"]).exists(), (
        "what did not leave changed nothing"
    )


def test_a_second_click_prints_nothing(world: World, made: list[str]) -> None:
    batch = prepared(world, Wish.SHEETS, "Inès")
    printed(batch, world)
    with pytest.raises(AlreadyPrinted):
        printing.download(batch, by="staff:1", at=world.at)
    assert len(made) == 1 and opens(made[0], world.accounts["Inès"])


def test_a_new_edition_kills_the_secrets_of_the_first(world: World, made: list[str]) -> None:
    batch = prepared(world, Wish.SHEETS, "Inès")
    printed(batch, world)
    assert batches.dying([world.accounts["Inès"].pk], at=world.at) == 1
    printed(batch, world, again=True)
    assert not opens(made[0], world.accounts["Inès"]) and opens(made[1], world.accounts["Inès"])
    assert Batch.objects.get().editions == 2
    assert Event.objects.filter(name=Events.BATCH_DOWNLOADED).count() == 2


def test_who_came_in_since_is_not_printed_again(world: World, made: list[str]) -> None:
    batch = prepared(world, Wish.SHEETS, "Inès")
    lifecycle.activate(world.accounts["Inès"], origin=Origin.SCHOOL, by="x:1", at=world.at)
    with pytest.raises(NothingToPrint):
        printed(batch, world)
    assert not made


def test_a_letter_names_the_children_and_the_last_day(world: World, made: list[str]) -> None:
    text = words_of(printed(prepared(world, Wish.LETTERS, "Samira"), world))
    assert "Inès Belkacem" in text and "Hugo Faure" in text and "Samira BELKACEM" in text
    assert "FranceConnect" in text and "Valable jusqu’au" in text and len(made) == 1


def test_an_invitation_on_paper_holds_no_secret_and_changes_no_state(world: World, made: list[str]) -> None:
    text = words_of(printed(prepared(world, Wish.INVITE, "Odette"), world))
    assert "aucun secret" in text and not made
    assert Account.objects.get(pk=world.accounts["Odette"].pk).state == "unnotified"
    assert Event.objects.filter(name=Events.INVITED, on=world.accounts["Odette"].key).count() == 1


def test_sheets_and_lists_of_one_download_carry_the_same_secrets_made_once(world: World, made: list[str]) -> None:
    body = printed(prepared(world, Wish.SHEETS, "Inès", "Adama", has_list=True), world)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["fiches-5e-b.pdf", "liste-fiches-5e-b.pdf", "liste-fiches-5e-b.csv"]
        sheets, roster = (words_of(archive.read(name)).replace(" ", "") for name in archive.namelist()[:2])
        table = archive.read(archive.namelist()[2]).decode("utf-8-sig")
    assert len(made) == 2
    assert all(secret in sheets and secret in roster and secret in table for secret in made)
    assert "soussclé" in roster or "sousclé" in roster


def test_after_a_run_no_secret_is_kept_anywhere(
    world: World, made: list[str], everything_kept: Callable[[], str]
) -> None:
    printed(prepared(world, Wish.SHEETS, "Inès", "Adama", has_list=True), world)
    printed(prepared(world, Wish.LETTERS, "Samira", "Odette", once="2"), world)
    kept = everything_kept()
    assert len(made) == 4 and "batch" in kept
    assert not [secret for secret in made if secret in kept or " ".join([secret[:4], secret[4:8], secret[8:]]) in kept]


def test_the_same_form_sent_twice_makes_one_batch(world: World) -> None:
    first, second = (prepared(world, Wish.CREDENTIALS, "Samira") for _ in range(2))
    assert first.pk == second.pk and first.notices.count() == 1
    assert Event.objects.filter(name=Events.BATCH_MADE).count() == 1


def test_burning_kills_secrets_and_stops_what_had_not_left(world: World, made: list[str]) -> None:
    batch = prepared(world, Wish.CREDENTIALS, "Samira", "Odette")
    printed(batch, world)
    everybody = list(Account.objects.of_school("0991234D"))
    burnt = batches.burn(everybody, uais=["0991234D"], by="staff:1", at=world.at + timedelta(minutes=1), uai="0991234D")
    assert burnt == 1 and not TemporaryPassword.objects.exists()
    batch.refresh_from_db()
    assert batch.stopped_at and batch.notices.by_mail().get().withheld == "stopped"


HOSTILE = [
    '=HYPERLINK("http://x")',
    '#read("/etc/passwd")',
    "$x^2$ *gras* _i_ `c` <b> @ref",
    "\\input{x}",
    "{{ 7|add:7 }}{% now %}",
    "<script>alert(1)</script>",
    "Ali\u202ebeb",
    "A" * 95,
    "e\u0301" * 40,
    "O’N’Diaye\u00a0",
    "إيناس",
    "伊涅斯",
    "🦄 Zoé",
    "a\x00b\tc\nd",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_goes_through_every_paper(world: World, name: str, made: list[str]) -> None:
    clean = name.replace("\x00", "")
    for account in ("Inès", "Samira"):
        holder = world.accounts[account].holder()
        assert holder is not None
        holder.first_name, holder.birth_name = clean, clean
        holder.save()
    body = printed(prepared(world, Wish.SHEETS, "Inès", has_list=True), world)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        pages = [archive.read(entry) for entry in archive.namelist()]
    letter = words_of(printed(prepared(world, Wish.LETTERS, "Samira", once="2"), world))
    invitation = words_of(printed(prepared(world, Wish.INVITE, "Samira", "Odette", once="3"), world))
    assert all(page.startswith(b"%PDF") for page in pages[:2]) and "Identifiant" in letter and "root:" not in letter
    assert world.accounts["Inès"].username in words_of(pages[0]) and invitation
    first = pages[2].decode("utf-8-sig").splitlines()[1].split(";")[1]
    assert not first.startswith(("=", "+", "-", "@", "\t", "\r"))
