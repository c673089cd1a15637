"""``preau identity party …``: what the operator does with services, as the pages under /gestion/services/ do."""
# size: one short function per verb

import html
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.html import strip_tags

from preau import clock
from preau.identity.accounts.models import Kind
from preau.identity.federation import party_page, preview, profiles, refresh, registration, troubles, watch
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.checks import ALGORITHMS, EMAIL, METHODS, PERSISTENT, CannotRegister
from preau.identity.federation.models import (
    ContentEncryption,
    Naming,
    Notice,
    Protocol,
    RelyingParty,
    SubjectType,
    Trouble,
)
from preau.identity.federation.refresh import CannotRefresh
from preau.identity.federation.release import SCOPES

BY = "system:operator"
# Option → field, when what is given replaces what was. A list is said whole: each value repeats the option.
_LISTS = {
    "scope": "scopes", "attribute": "attributes", "audience": "audience", "academy": "academies", "school": "schools",
}  # fmt: skip
_ADDRESSES = {"redirect_uri": "redirect_uris", "post_logout_redirect_uri": "post_logout_redirect_uris"}
_PLAIN = (
    "reason", "notice", "subject_type", "sector", "takes_every_affiliation", "backchannel_logout_uri",
    "token_endpoint_auth_method", "userinfo_signed_response_alg", "must_prove_key", "may_refresh", "speaks_educonnect",
)  # fmt: skip
_SAML = (
    "metadata_url", "naming", "content_encryption", "signs_assertions", "is_clear_accepted", "accepts_sha1",
)  # fmt: skip


class Command(BaseCommand):
    """Register, show, change, cut off, read again, preview. Secrets are shown once."""

    help = "Raccorder un service, le régler, le couper, relire ses métadonnées, prévoir ce qu’il reçoit."

    def add_arguments(self, parser: CommandParser) -> None:
        """See docs/operations/parties.md."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        named = {
            name: verbs.add_parser(name, help=words)
            for name, words in {
                "add": "raccorder par OpenID Connect", "add-saml": "raccorder par SAML, d’après ses métadonnées",
                "show": "ce que l’on sait d’un service", "change": "changer ce qui est dit d’un service",
                "disable": "couper un service", "enable": "rétablir un service",
                "renew-secret": "remplacer son secret", "refresh": "relire ses métadonnées",
                "preview": "ce qu’il recevrait pour une personne", "troubles": "ce qui ne va pas",
            }.items()
        }  # fmt: skip
        verbs.add_parser("list", help="tous les services")
        for name, sub in named.items():
            sub.add_argument("client_id", nargs="?" if name in ("refresh", "troubles") else None, help="son nom court")
        for name in ("add", "add-saml", "change"):
            _release(named[name])
        for name in ("add", "change"):
            _oidc(named[name], must=name == "add")
        for name in ("add-saml", "change"):
            _saml(named[name])
        named["add"].add_argument("--secret-file", help="prendre le secret dans ce fichier au lieu d’en tirer un")
        named["add-saml"].add_argument("source", help="fichier ou adresse de ses métadonnées")
        for name in ("add-saml", "refresh"):
            named[name].add_argument("--entity-id", default="", help="si le fichier décrit plusieurs services")
        named["refresh"].add_argument("--file", help="lire ce fichier au lieu de l’adresse connue")
        named["refresh"].add_argument(
            "--vouched-for",
            action="store_true",
            help="j’ai vérifié auprès du service que ces métadonnées sont les siennes",
        )
        named["preview"].add_argument("username", help="identifiant de la personne")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Exit 1 with a sentence that says what to correct."""
        try:
            getattr(self, f"_{verb.replace('-', '_')}")(options)
        except (CannotRegister, CannotRefresh, preview.NobodyOfThatName, OSError) as trouble:
            raise CommandError(str(trouble)) from trouble

    def _add(self, options: dict[str, Any]) -> None:
        given = Path(options["secret_file"]).read_text(encoding="ascii").strip() if options["secret_file"] else ""
        party, secret = registration.register(
            client_id=options["client_id"], secret=given, by=BY, at=clock.now(),
            algorithm=options["algorithm"] or "RS256", **{"name": options["name"], **_said(options)},
        )  # fmt: skip
        self.stdout.write(f"Service raccordé : {party.client_id} ({party.name})")
        if secret and not given:
            self.stdout.write(f"Secret, montré cette seule fois : {secret}")
        self._remark(party)

    def _add_saml(self, options: dict[str, Any]) -> None:
        at, source, wanted = clock.now(), options["source"], options["entity_id"]
        facts = {**_said(options), **_said_of_saml(options)}
        if source.startswith(("http://", "https://")):
            copy = refresh.fetched(source, at=at, entity_id=wanted)
            facts.setdefault("metadata_url", source)
        else:
            copy = profiles.read(Path(source).read_bytes(), at=at, entity_id=wanted)
        party = profiles.register_saml(
            client_id=options["client_id"], copy=copy, by=BY, at=at, **{"name": options["name"] or "", **facts}
        )
        self.stdout.write(f"Service raccordé : {party.client_id} ({party.name}, {party.saml.entity_id})")
        self._remark(party)

    def _list(self, options: dict[str, Any]) -> None:
        for row in party_page.rows(at=clock.now()):
            end = f", valable jusqu’au {row.expires_at:%d/%m/%Y}" if row.expires_at else ""
            said = (row.party.name, row.party.get_protocol_display(), row.state[1].lower() + end)
            self.stdout.write(f"{row.party.client_id} : {', '.join(said)}")

    def _show(self, options: dict[str, Any]) -> None:
        party = _known(options)
        for fact in (*party_page.facts(party, at=clock.now()), *party_page.technical(party)):
            self.stdout.write(f"{fact['label']} : {_bare(fact['value'])}")
        self.stdout.write("Ce qu’il peut apprendre :")
        for line in party_page.learnt(party):
            self.stdout.write(f"  {line['name']} : {line['words']} — {line['why']}")
        self._remark(party)

    def _change(self, options: dict[str, Any]) -> None:
        party, at = _known(options), clock.now()
        facts, of_saml = _said(options), _said_of_saml(options)
        facts |= {"name": options["name"]} if options["name"] else {}
        facts |= {"id_token_signed_response_alg": options["algorithm"]} if options["algorithm"] else {}
        if of_saml and party.protocol != Protocol.SAML:
            raise CommandError("Ces réglages sont ceux d’un service SAML ; celui-ci parle OpenID Connect.")
        if not facts and not of_saml:
            raise CommandError("Rien à changer : donnez au moins une option (« party change --help »).")
        if facts:
            party = registration.change(party, by=BY, at=at, **facts)
        if of_saml:
            profiles.change_profile(party, by=BY, at=at, **of_saml)
        self.stdout.write(f"C’est enregistré, et déjà en vigueur : {party.client_id}.")
        self._remark(_known(options))

    def _disable(self, options: dict[str, Any]) -> None:
        party = _known(options)
        registration.disable(party, by=BY, at=clock.now())
        self.stdout.write(f"{party.name} est coupé : plus personne n’y entre.")

    def _enable(self, options: dict[str, Any]) -> None:
        party = _known(options)
        registration.enable(party, by=BY, at=clock.now())
        self.stdout.write(f"{party.name} est rétabli.")

    def _renew_secret(self, options: dict[str, Any]) -> None:
        secret = registration.renew_secret(_known(options), by=BY, at=clock.now())
        self.stdout.write(f"Secret, montré cette seule fois ; l’ancien n’ouvre plus rien : {secret}")

    def _refresh(self, options: dict[str, Any]) -> None:
        if options["client_id"] is None:
            self._refresh_all()
            return
        party, at, vouched = _known(options), clock.now(), options["vouched_for"]
        if party.protocol != Protocol.SAML:
            raise CommandError("Ce service parle OpenID Connect : il n’a pas de métadonnées à relire.")
        if not options["file"] and not party.saml.metadata_url:
            raise CommandError("Ce service n’a pas d’adresse de métadonnées : donnez --file FICHIER.")
        if options["file"]:
            wanted = options["entity_id"] or party.saml.entity_id
            copy = profiles.read(Path(options["file"]).read_bytes(), at=at, entity_id=wanted)
            changed = refresh.take(party, copy, by=BY, at=at, is_vouched_for=vouched)
        else:
            changed = refresh.refresh(party, by=BY, at=at, is_vouched_for=vouched)
        self.stdout.write(f"{party.client_id} : relu, {', '.join(changed) or 'rien n’a changé'}.")

    def _refresh_all(self) -> None:
        failed = 0
        for party in RelyingParty.objects.in_use().speaking(Protocol.SAML).exclude(saml__metadata_url=""):
            try:
                changed = refresh.refresh(party, by=BY, at=clock.now())
                self.stdout.write(f"{party.client_id} : relu, {', '.join(changed) or 'rien n’a changé'}.")
            except CannotRefresh as trouble:
                failed += 1
                self.stderr.write(f"{party.client_id} : la dernière copie reste. {trouble}")
        if failed:
            raise CommandError(f"{failed} service(s) non relu(s).")

    def _preview(self, options: dict[str, Any]) -> None:
        seen = preview.look(_known(options), username=options["username"], by=BY, at=clock.now())
        for obstacle in seen.obstacles:
            self.stdout.write(f"⚠ {obstacle}")
        for line in seen.given:
            shown = f"{line.shown} ({line.friendly})" if line.friendly not in ("", line.shown) else line.shown
            self.stdout.write(f"{shown} = {' | '.join(line.values)}\n    {line.why}")
        for line in seen.withheld:
            self.stdout.write(f"{line.friendly or line.shown} : non. {line.why}")

    def _troubles(self, options: dict[str, Any]) -> None:
        of_strangers = Trouble.objects.filter(party=None).order_by("-at", "-pk")
        found = troubles.of(_known(options)) if options["client_id"] else of_strangers
        for trouble in party_page.told(found):
            said = f" ({trouble.said})" if trouble.said else ""
            detail = f"\n    {trouble.detail}" if trouble.detail else ""
            self.stdout.write(f"{trouble.at:%d/%m/%Y %H:%M} {trouble.words}{said} {trouble.advice}{detail}")

    def _remark(self, party: RelyingParty) -> None:
        """Said loudly, each time: what weakens the service, what ends soon."""
        for remark in watch.remarks(party, at=clock.now()):
            (self.stderr if remark.weight > watch.Weight.INFO else self.stdout).write(
                f"⚠ {remark.words} {remark.advice}"
            )


def _release(parser: ArgumentParser) -> None:
    parser.add_argument("--name", help="le nom que les familles liront")
    own = "ou ect.scope.<service>"
    parser.add_argument("--scope", action="append", metavar="PORTÉE", help=f"{', '.join(SCOPES)}, {own}")
    parser.add_argument("--attribute", action="append", choices=list(ATTRIBUTES), metavar="NOM", help="en propre")
    parser.add_argument("--reason", help="pourquoi ; obligatoire avec --attribute")
    parser.add_argument("--notice", choices=Notice.values, help="ce que la personne lit ou accepte avant d’entrer")
    parser.add_argument("--audience", action="append", choices=Kind.values)
    parser.add_argument("--academy", action="append", metavar="CODE")
    parser.add_argument("--school", action="append", metavar="UAI")
    parser.add_argument("--subject-type", choices=SubjectType.values)
    parser.add_argument("--sector", help="les services d’un même secteur voient le même nom opaque")
    _switch(parser, "--every-affiliation", "takes_every_affiliation")


def _oidc(parser: ArgumentParser, *, must: bool) -> None:
    parser.add_argument("--redirect-uri", action="append", required=must)
    parser.add_argument("--post-logout-redirect-uri", action="append")
    parser.add_argument("--backchannel-logout-uri")
    parser.add_argument("--algorithm", choices=ALGORITHMS, help="signature de ses jetons")
    parser.add_argument("--userinfo-algorithm", choices=ALGORITHMS, dest="userinfo_signed_response_alg")
    parser.add_argument("--auth-method", choices=METHODS[1:], dest="token_endpoint_auth_method")
    parser.add_argument("--jwks-file", help="ses clés publiques, pour private_key_jwt")
    _switch(parser, "--pkce", "must_prove_key")
    _switch(parser, "--refresh-tokens", "may_refresh")
    _switch(parser, "--educonnect", "speaks_educonnect")


def _saml(parser: ArgumentParser) -> None:
    parser.add_argument("--metadata-url", help="là où les relire chaque jour")
    parser.add_argument("--naming", choices=Naming.values)
    parser.add_argument("--encryption", choices=ContentEncryption.values, dest="content_encryption")
    parser.add_argument("--name-id", action="append", choices=[PERSISTENT, EMAIL])
    _switch(parser, "--sign-assertions", "signs_assertions")
    _switch(parser, "--accept-clear", "is_clear_accepted")
    _switch(parser, "--accept-sha1", "accepts_sha1")


def _switch(parser: ArgumentParser, option: str, field: str) -> None:
    """``--x yes`` or ``--x no``; not said, it stays as it was."""
    parser.add_argument(option, choices=["yes", "no"], dest=field)


def _said(options: dict[str, Any]) -> dict[str, Any]:
    lists = {field: options[name] for name, field in {**_LISTS, **_ADDRESSES}.items() if options.get(name)}
    found = {**lists, **{name: _read(options[name]) for name in _PLAIN if options.get(name) is not None}}
    if options.get("jwks_file"):
        try:
            found["jwks"] = json.loads(Path(options["jwks_file"]).read_text(encoding="utf-8"))
        except ValueError as trouble:
            raise CannotRegister("Ces clés ne se lisent pas : il faut un JWKS en JSON.") from trouble
    return found


def _said_of_saml(options: dict[str, Any]) -> dict[str, Any]:
    found = {name: _read(options[name]) for name in _SAML if options.get(name) is not None}
    return found | ({"name_id_formats": options["name_id"]} if options.get("name_id") else {})


def _read(given: str) -> str | bool:
    return {"yes": True, "no": False}.get(given, given)


def _known(options: dict[str, Any]) -> RelyingParty:
    party = RelyingParty.objects.select_related("saml").filter(client_id=options["client_id"]).first()
    if party is None:
        raise CommandError(
            f"Aucun service n’a ce nom court : {options['client_id']}. « preau identity party list » les dit."
        )
    return party


def _bare(value: object) -> str:
    """Words of a page, without its marks."""
    return html.unescape(strip_tags(str(value).replace("<br>", ", ")))
