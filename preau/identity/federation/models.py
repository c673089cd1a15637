"""Relying parties, what they hold for a while (codes and tokens, as keyed digests), our signing keys (encrypted)."""
# size: the rows of two protocols, one class each

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from django.db import models
from django.db.models import Q

from preau.identity import keys
from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.models import Event
from preau.identity.directory.models import Enrolment, School
from preau.identity.federation import notices
from preau.identity.federation.release import OFFLINE, may_ask
from preau.identity.signin import sessions
from preau.identity.signin.models import Session

_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}(?P<path>/[!-~]*)")
SECRET_PURPOSE = "federation/client-secret"  # noqa: S105 — the name of a key, not a secret


class Protocol(models.TextChoices):
    """How a service speaks to us."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class SubjectType(models.TextChoices):
    """Whether services may compare the names they give to one person (OpenID Connect Core §8)."""

    PAIRWISE = "pairwise", "un nom par service"
    PUBLIC = "public", "le même nom pour tous"


class Notice(models.TextChoices):
    """What the person is told or asked before a service learns something about them."""

    NONE = notices.NONE, "ne lit rien : le service est celui de l’établissement"
    TELL = notices.TELL, "lit ce qu’il apprend, la première fois et quand la liste s’allonge"
    ASK = notices.ASK, "donne son accord, la première fois et quand la liste s’allonge"


class RelyingPartyQuerySet(models.QuerySet["RelyingParty"]):
    """Services, as adjectives."""

    def in_use(self) -> "RelyingPartyQuerySet":
        """Not disabled."""
        return self.filter(disabled_at=None)

    def speaking(self, protocol: Protocol) -> "RelyingPartyQuerySet":
        """By one protocol."""
        return self.filter(protocol=protocol)

    def names(self, events: Iterable[Event]) -> dict[str, str]:
        """How the services of these events are called, by the short name that the journal keeps."""
        wanted = {str(event.facts["party"]) for event in events if "party" in event.facts}
        return dict(self.filter(client_id__in=wanted).values_list("client_id", "name")) if wanted else {}


class RelyingParty(models.Model, ClientMixin):
    """A service that lets people sign in with Préau. Addresses are compared letter for letter (RFC 9700 §2.1).

    What any service has is here, with what only OpenID Connect needs; SAML's is in `SamlProfile`.
    """

    client_id = models.CharField(max_length=60, unique=True, help_text="Its short name here; OpenID Connect's too")
    protocol = models.CharField(max_length=4, choices=Protocol.choices, default=Protocol.OIDC)
    name = models.CharField(max_length=120)
    # Who it is for, and what it may learn: release.py decides, deny by default.
    audience = models.JSONField(default=list, help_text="Kinds of accounts it is for: guardian, pupil")
    academies = models.JSONField(default=list, help_text="Codes; with `schools`, where it serves. Both empty: anywhere")
    schools = models.JSONField(default=list, help_text="UAIs")
    scopes = models.JSONField(default=list, help_text="What it may ask for")
    attributes = models.JSONField(default=list, help_text="Names of attributes.py it may learn beside its scopes")
    takes_every_affiliation = models.BooleanField(default=False, help_text="Else one per person: the highest degree's")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it may: what the operator reads")
    notice = models.CharField(max_length=4, choices=Notice.choices, default=Notice.NONE)
    # Pairwise subjects (OpenID Connect Core §8.1): parties of one sector see the same `sub`, others cannot compare.
    subject_type = models.CharField(max_length=8, choices=SubjectType.choices, default=SubjectType.PAIRWISE)
    sector = models.CharField(max_length=256)
    # OpenID Connect alone.
    secret_digest = models.CharField(max_length=80, blank=True)
    redirect_uris = models.JSONField(default=list)
    post_logout_redirect_uris = models.JSONField(default=list)
    backchannel_logout_uri = models.TextField(blank=True)
    token_endpoint_auth_method = models.CharField(max_length=30, blank=True, help_text="Empty: its secret, either way")
    jwks = models.JSONField(default=dict, help_text="Public keys, for private_key_jwt")
    id_token_signed_response_alg = models.CharField(max_length=10, default="RS256")
    userinfo_signed_response_alg = models.CharField(max_length=10, blank=True, help_text="Empty: plain JSON")
    must_prove_key = models.BooleanField(default=True, help_text="PKCE (RFC 7636) is required")
    may_refresh = models.BooleanField(default=False, help_text="May ask for `offline_access`")
    speaks_educonnect = models.BooleanField(default=False, help_text="Claims in the shapes of EduConnect")
    disabled_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()
    # Of what the worker has forgotten since: codes go after a day, visits after a month (tidying.py).
    visited_at = models.DateTimeField(null=True, help_text="The last visit of those already forgotten")

    objects = RelyingPartyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(protocol=Protocol.OIDC) | Q(secret_digest=""), name="party_of_saml_has_no_secret"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"party:{self.client_id}"

    @property
    def compared_within(self) -> str:
        """Within what the names it gives to people can be compared: its sector; everywhere when they are public."""
        return "" if self.subject_type == SubjectType.PUBLIC else self.sector

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What Authlib's endpoints read."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def is_for(self, account: Account) -> bool:
        """Whether people of this kind are its audience."""
        return account.kind in self.audience

    def form_of(self, hinted: Kind | None) -> Kind | None:
        """Whose sign-in form opens at once: its only audience's, else that of the profile it names, else none."""
        return Kind(self.audience[0]) if len(self.audience) == 1 else hinted

    def serves(self, enrolment: Enrolment) -> bool:
        """Whether the school of an enrolment is within its reach."""
        if not self.schools and not self.academies:
            return True
        return enrolment.school_id in self.schools or enrolment.school.academy_id in self.academies

    # What Authlib asks of a client; the names are its own.
    def get_client_id(self) -> str:
        """RFC 6749 §2.2."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: the request always names its address (OpenID Connect Core §3.1.2.1)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """The part of `scope` this party may have, each once."""
        return " ".join(one for one in dict.fromkeys((scope or "").split()) if self._may_ask(one))

    def _may_ask(self, scope: str) -> bool:
        return self.may_refresh if scope == OFFLINE else may_ask(scope, given=self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Registered, letter for letter; an application on a computer listens at whatever port it found.

        # > RFC 8252 §7.3: The authorization server MUST allow any port to be specified at the time of the request for
        # > loopback IP redirect URIs.
        """
        if self.is_public and (found := _LOOPBACK.fullmatch(redirect_uri)):
            return redirect_uri in self.redirect_uris or f"http://{found['host']}{found['path']}" in self.redirect_uris
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Constant time. An empty secret opens nothing."""
        return bool(client_secret) and keys.matches(SECRET_PURPOSE, self.secret_digest, self.client_id, client_secret)

    @property
    def is_public(self) -> bool:
        """It has no secret (an application on a telephone, in a browser): PKCE alone ties a code to it."""
        return self.token_endpoint_auth_method == "none"  # noqa: S105 — the name of a method

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """The one it was registered with; without, its secret either way."""
        if self.token_endpoint_auth_method:
            return method == self.token_endpoint_auth_method
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Code flow, and its renewal for those that may act later."""
        return grant_type == "authorization_code" or (grant_type == "refresh_token" and self.may_refresh)


class AuthorizationCode(models.Model):
    """A code on its way to a party: one use, one minute, bound to the request that asked for it."""

    digest = models.CharField(max_length=80, unique=True)
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    redirect_uri = models.TextField()
    scope = models.CharField(max_length=200)
    nonce = models.TextField(blank=True)
    # Empty for the few parties that need not prove a key (RFC 7636).
    code_challenge = models.CharField(max_length=128, blank=True)
    code_challenge_method = models.CharField(max_length=10, blank=True)
    claims = models.JSONField(default=dict, help_text="Names asked one by one (OpenID Connect Core §5.5), by place")
    acr = models.CharField(max_length=20, blank=True, help_text="The profile, when the party asked for it")
    # The visit's, then: a proof given later for something else does not move it (OpenID Connect Core §12.2).
    authenticated_at = models.DateTimeField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="code_to_purge")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.made_at:%Y-%m-%d %H:%M}"

    # What Authlib asks of a code.
    def get_redirect_uri(self) -> str:
        """The address it was sent to."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it opens."""
        return self.scope

    def get_nonce(self) -> str:
        """Given back in the ID token."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the holder last proved who they are."""
        return int(self.authenticated_at.timestamp())

    def get_acr(self) -> str:
        """The profile people signed in with, as EduConnect says it: no level of assurance is claimed."""
        return self.acr

    @property
    def is_for_later(self) -> bool:
        """What it gives outlives the browser's visit (OpenID Connect Core §11)."""
        return OFFLINE in self.scope.split()

    def get_amr(self) -> list[str]:
        """How the holder proved who they are (RFC 8176)."""
        return self.session.amr.split()


class AccessToken(models.Model, TokenMixin):
    """What opens userinfo to a party, for ten minutes. Judged at each use, with the session it came from."""

    digest = models.CharField(max_length=80, unique=True)
    code = models.ForeignKey(AuthorizationCode, on_delete=models.CASCADE, related_name="tokens")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    scope = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="token_to_purge")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.issued_at:%Y-%m-%d %H:%M}"

    def is_alive(self, *, at: datetime) -> bool:
        """Neither expired nor revoked, and its visit still stands; of one that may act later, nothing has ended it."""
        if self.revoked_at is not None or at >= self.expires_at:
            return False
        return sessions.stands(self.session) if self.code.is_for_later else sessions.is_alive(self.session, at=at)


class RefreshToken(models.Model):
    """What renews an access token, once: using it gives the next one; using it again kills the whole family."""

    digest = models.CharField(max_length=80, unique=True)
    # The family: every token that came of one sign-in.
    code = models.ForeignKey(AuthorizationCode, on_delete=models.CASCADE, related_name="refresh_tokens")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    scope = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="refresh_to_purge")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.issued_at:%Y-%m-%d %H:%M}"

    def is_alive(self, *, at: datetime) -> bool:
        """Neither used, expired nor revoked, and nothing has ended the visit it came of."""
        is_over = self.used_at is not None or self.revoked_at is not None or at >= self.expires_at
        return not is_over and sessions.stands(self.session)

    # What Authlib asks of a refresh token.
    def check_client(self, client: RelyingParty) -> bool:
        """Whose it is."""
        return self.party_id == client.pk

    def get_scope(self) -> str:
        """What it opens."""
        return self.scope


class UsedProof(models.Model):
    """A `jti` with which a party proved who it is (private_key_jwt): it proves nothing a second time."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="used_proof_to_purge")]

    def __str__(self) -> str:
        return self.digest[:12]


class Naming(models.TextChoices):
    """How attributes are named to a SAML service (specs: NameFormat uri or basic)."""

    OID = "oid", "urn:oid:…"
    BASIC = "basic", "noms simples"


class ContentEncryption(models.TextChoices):
    """How an assertion is encrypted."""

    GCM = "gcm", "AES-256-GCM"
    CBC = "cbc", "AES-256-CBC (anciens services)"


class SamlProfile(models.Model):
    """What SAML needs to know of a service: what its metadata said, and what the operator chose for it."""

    party = models.OneToOneField(RelyingParty, on_delete=models.CASCADE, related_name="saml")
    entity_id = models.CharField(max_length=256, unique=True)
    # Read from its metadata (saml/metadata.py); the last good copy stays when a newer one cannot be read.
    metadata = models.TextField()
    metadata_url = models.TextField(blank=True)
    metadata_read_at = models.DateTimeField()
    metadata_expires_at = models.DateTimeField(help_text="validUntil, or the day the operator chose")
    consumers = models.JSONField(default=list, help_text="[{binding, location, index, is_default}], in their order")
    logouts = models.JSONField(default=list, help_text="[{binding, location, response_location}]")
    signing_certificates = models.JSONField(default=list, help_text="DER, base64")
    encryption_certificates = models.JSONField(default=list, help_text="DER, base64")
    encryption_methods = models.JSONField(
        default=list, help_text="The only algorithms it names; empty: it says nothing"
    )
    signs_requests = models.BooleanField(default=False, help_text="AuthnRequestsSigned: unsigned ones are refused")
    # Chosen by the operator.
    naming = models.CharField(max_length=5, choices=Naming.choices, default=Naming.OID)
    content_encryption = models.CharField(
        max_length=3, choices=ContentEncryption.choices, default=ContentEncryption.GCM
    )
    is_clear_accepted = models.BooleanField(default=False, help_text="Assertions may travel unencrypted (no key)")
    signs_assertions = models.BooleanField(default=True, help_text="Beside the response, which is always signed")
    accepts_sha1 = models.BooleanField(default=False, help_text="Signatures of its requests may be rsa-sha1")
    name_id_formats = models.JSONField(default=list, help_text="Besides transient: persistent, or email with a reason")

    def __str__(self) -> str:
        return self.entity_id


class Assertion(models.Model):
    """What a SAML service was told of a visit: what signing out of it needs, and which of its requests was answered."""

    profile = models.ForeignKey(SamlProfile, on_delete=models.CASCADE, related_name="assertions")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="assertions")
    # SHA-256 of the ID of the AuthnRequest: answered once (specs/security.md A4). Empty for IdP-initiated sign-on.
    request_digest = models.CharField(max_length=64, blank=True)
    name_id = models.CharField(max_length=256)
    name_id_format = models.CharField(max_length=80)
    session_index = models.CharField(max_length=60)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "request_digest"], condition=~Q(request_digest=""), name="assertion_once_per_request"
            )
        ]
        indexes = [models.Index(fields=["profile", "session_index"], name="assertion_of_index")]

    def __str__(self) -> str:
        return f"{self.profile_id} {self.issued_at:%Y-%m-%d %H:%M}"


class Fate(models.TextChoices):
    """What became of telling a service that a visit is over."""

    WAITING = "waiting", "à prévenir"
    TOLD = "told", "prévenu"
    FAILED = "failed", "n’a pas répondu"


class Farewell(models.Model):
    """A service to tell that a visit is over, and whether it answered. One per visit and service."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="farewells")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE)
    fate = models.CharField(max_length=7, choices=Fate.choices, default=Fate.WAITING)
    asked_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "party"], name="farewell_once")]
        indexes = [models.Index(fields=["asked_at"], name="farewell_waiting", condition=Q(fate="waiting"))]

    def __str__(self) -> str:
        return f"{self.party_id} {self.fate}"


class Consent(models.Model):
    """What somebody was told, or agreed, that a service learns about them. Written by consents.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="consents")
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="consents")
    names = models.JSONField(default=list, help_text="Names of attributes.py; `offline_access` for acting later")
    is_agreement = models.BooleanField(default=False, help_text="They agreed; otherwise they were told")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "party"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.account_id} → {self.party_id}"


class Trouble(models.Model):
    """What went wrong lately with a service, for the operator: an ENT only says « unknown user »."""

    party = models.ForeignKey(RelyingParty, null=True, on_delete=models.CASCADE, related_name="troubles")
    said = models.CharField(max_length=256, blank=True, help_text="Who it says it is, when it is unknown")
    cause = models.CharField(max_length=40, help_text="A line of troubles.py")
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["party", "-at"], name="trouble_of_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.cause}"


class JoinKey(models.Model):
    """The number by which an academy's directory (AAF) knows a person of a school's base. Given by the operator."""

    school = models.ForeignKey(School, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source_key = models.CharField(max_length=20, help_text="ELEVE_ID or PERSONNE_ID in the school's base")
    number = models.CharField(max_length=20, help_text="ENTPersonJointure, without the academy")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "kind", "source_key"], name="join_key_once")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.source_key}"


class KeyUse(models.TextChoices):
    """What a key signs."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class SigningKey(models.Model):
    """A key that signs. The private half is encrypted under the master secret.

    Which one signs today is a matter of clock (signing.py): the newest that has begun and is not revoked.
    """

    kid = models.CharField(max_length=40, unique=True)
    use = models.CharField(max_length=4, choices=KeyUse.choices)
    algorithm = models.CharField(max_length=10)
    # First, second… of its use and algorithm: of two workers that make the same one, one does.
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()
    certificate = models.TextField(blank=True, help_text="SAML: self-signed, PEM")
    made_at = models.DateTimeField()
    signs_from_at = models.DateTimeField(help_text="Published before, so that services know it in time")
    revoked_at = models.DateTimeField(null=True, help_text="Stolen, perhaps: no longer believed by anybody")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use", "algorithm", "number"], name="signing_key_in_order"),
            models.CheckConstraint(
                condition=Q(use=KeyUse.OIDC, certificate="") | (Q(use=KeyUse.SAML) & ~Q(certificate="")),
                name="signing_key_has_its_certificate",
            ),
        ]

    def __str__(self) -> str:
        return self.kid
