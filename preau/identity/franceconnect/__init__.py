"""FranceConnect, as its client: leave for it, come back with an identity. Knows no account and no family.

    attempts.start(request, purpose="signin", going_to="/compte/")   → the answer that sends the browser there
    attempts.finish(request, at=request.at)                          → Returned(identity, …), or raises a `Fault`
    identity.Identity, sealing.seal, sealing.unseal                  → who came, and how a draft keeps them

docs/protocols/franceconnect.md says what is asked and what is checked, with what happens when something is wrong.
"""
