"""How a person walks from page to page: pages are yielded in order, and what is reachable is derived, never stored."""
