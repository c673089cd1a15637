"""Site 1: the identity provider of families and pupils, and the schools' desk."""
