"""The first page: who you are, your children, what can be done and what cannot be yet."""
