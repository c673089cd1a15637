"""What a client reads first: /.well-known/openid-configuration and the public keys."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from preau.identity.federation import signing
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.models import SubjectType
from preau.identity.federation.oidc import answers, parties, question
from preau.identity.federation.oidc.server import issuer
from preau.identity.federation.release import SCOPES


def document() -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3, RFC 8414, RFC 9207."""
    return {
        "issuer": issuer(),
        "authorization_endpoint": _url("authorize"),
        "token_endpoint": _url("token"),
        "userinfo_endpoint": _url("userinfo"),
        "jwks_uri": _url("jwks"),
        "end_session_endpoint": _url("end_session"),
        "revocation_endpoint": _url("revoke"),
        "introspection_endpoint": _url("introspect"),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(answers.MODES),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": [one.value for one in SubjectType],
        "id_token_signing_alg_values_supported": list(signing.ALGORITHMS),
        "userinfo_signing_alg_values_supported": ["none", *signing.ALGORITHMS],
        "token_endpoint_auth_methods_supported": parties.METHODS,
        "token_endpoint_auth_signing_alg_values_supported": parties.PROOF_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": parties.METHODS,
        "introspection_endpoint_auth_methods_supported": parties.CONFIDENTIAL,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": list(question.PROFILES),
        "claim_types_supported": ["normal"],
        "claims_supported": ["sub", "sid", "auth_time", "acr", "amr", *ATTRIBUTES],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["fr"],
    }


def jwks(*, at: datetime) -> dict[str, object]:
    """The public keys."""
    return signing.public_jwks(at=at)


def _url(name: str) -> str:
    return issuer() + reverse(f"federation:{name}")
