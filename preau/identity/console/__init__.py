"""The schools' desk: screens over the other rooms; no rule, no state."""
