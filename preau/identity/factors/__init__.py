"""What proves somebody beside a password: passkeys (WebAuthn) and the codes of an authenticator (RFC 6238).

The ceremonies alone, for families (`signin`) and for the desk (`staff`): whose factor it is, who may add one and what
it opens is decided there.
"""
