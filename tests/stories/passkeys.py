"""Chromium's virtual authenticator: the phone or the computer that keeps somebody's passkeys."""

from typing import Any

from playwright.sync_api import Page

# A recent phone: it keeps the passkey, and unlocks by a finger.
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Keyring:
    """The passkeys of a browser."""

    def __init__(self, page: Page) -> None:
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("WebAuthn.enable")
        self.number = self._ask("addVirtualAuthenticator", options=PHONE)["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        """What it keeps."""
        return list(self._ask("getCredentials", authenticatorId=self.number)["credentials"])

    def finger(self, *, is_recognised: bool) -> None:
        """Whether the next fingers are its holder's."""
        self._ask("setUserVerified", authenticatorId=self.number, isUserVerified=is_recognised)

    def turn_back(self, count: int) -> None:
        """As a copy made earlier would be: the counter of its one passkey is `count` again."""
        (one,) = self.passkeys()
        self._ask("removeCredential", authenticatorId=self.number, credentialId=one["credentialId"])
        self._ask("addCredential", authenticatorId=self.number, credential={**one, "signCount": count})

    def _ask(self, command: str, **words: Any) -> dict[str, Any]:
        return dict(self.browser.send(f"WebAuthn.{command}", words))
