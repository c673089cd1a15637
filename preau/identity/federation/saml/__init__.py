"""SAML 2.0, by hand over lxml and signxml: what comes is refused until proved, what leaves is built by them."""
