"""Relying parties, and what they hold for a while: codes and tokens, as keyed digests; our signing keys, encrypted."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from django.db import models
from django.db.models import Q

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.signin import sessions
from preau.identity.signin.models import Session

SECRET_PURPOSE = "federation/client-secret"  # noqa: S105 — the name of a key, not a secret


class RelyingParty(models.Model, ClientMixin):
    """A service that lets people sign in with Préau. Addresses are compared letter for letter (RFC 9700 §2.1)."""

    client_id = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    secret_digest = models.CharField(max_length=80)
    redirect_uris = models.JSONField(default=list)
    post_logout_redirect_uris = models.JSONField(default=list)
    scopes = models.JSONField(default=list, help_text="What it may ask for")
    audience = models.JSONField(default=list, help_text="Kinds of accounts it is for: guardian, pupil")
    # Pairwise subjects (OpenID Connect Core §8.1): parties of one sector see the same `sub`, others cannot compare.
    sector = models.CharField(max_length=120)
    id_token_signed_response_alg = models.CharField(max_length=10, default="ES256")
    disabled_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How the journal names it."""
        return f"party:{self.client_id}"

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What Authlib's endpoints read."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def is_for(self, account: Account) -> bool:
        """Whether people of this kind are its audience."""
        return account.kind in self.audience

    # What Authlib asks of a client; the names are its own.
    def get_client_id(self) -> str:
        """RFC 6749 §2.2."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: the request always names its address (OpenID Connect Core §3.1.2.1)."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """The part of `scope` this party may have."""
        return " ".join(one for one in (scope or "").split() if one in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Registered, letter for letter."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Constant time. An empty secret opens nothing."""
        return bool(client_secret) and keys.matches(SECRET_PURPOSE, self.secret_digest, self.client_id, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """All our parties are confidential."""
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        """Code flow only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Code flow only."""
        return grant_type == "authorization_code"


class AuthorizationCode(models.Model):
    """A code on its way to a party: one use, one minute, bound to the request that asked for it."""

    digest = models.CharField(max_length=80, unique=True)
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE)
    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    redirect_uri = models.TextField()
    scope = models.CharField(max_length=200)
    nonce = models.TextField(blank=True)
    code_challenge = models.CharField(max_length=128)
    code_challenge_method = models.CharField(max_length=10)
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
        return int(self.session.authenticated_at.timestamp())

    def get_acr(self) -> None:
        """No level is claimed."""

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
        """Neither expired nor revoked, and its session still stands."""
        return self.revoked_at is None and at < self.expires_at and sessions.is_alive(self.session, at=at)


class SigningKey(models.Model):
    """A key that signs ID tokens. The private half is encrypted under the master secret."""

    kid = models.CharField(max_length=40, unique=True)
    algorithm = models.CharField(max_length=10)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["algorithm"], condition=Q(retired_at=None), name="signing_key_one_in_use")
        ]

    def __str__(self) -> str:
        return self.kid
