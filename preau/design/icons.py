"""The icons: strokes on a grid of 24, drawn in the colour of the text, never alone (a word stands beside)."""

FRAME = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="square" '
    'aria-hidden="true" class="{css}">{strokes}</svg>'
)
STROKES = {
    "arrow": '<path d="M4 12h15M13 6l6 6-6 6"/>',
    "back": '<path d="M20 12H5M11 6l-6 6 6 6"/>',
    "check": '<circle cx="12" cy="12" r="9.5"/><path d="m7.5 12.5 3 3 6-6.5"/>',
    "cross": '<path d="M4 4l16 16M20 4 4 20"/>',
    "download": '<path d="M12 4v15M6 13l6 6 6-6"/>',
    "info": '<circle cx="12" cy="12" r="9.5"/><path d="M12 11v6M12 6.8v.4"/>',
    "mail": '<path d="M2.5 5.5h19v13h-19ZM3 6l9 7.5L21 6"/>',
    "paper": '<path d="M5.5 2.5h9l4 4v15h-13ZM14 3v4h4M9 12h6M9 16.5h6"/>',
    "phone": '<path d="M7 2.5h10v19H7ZM11 18.5h2"/>',
    "print": '<path d="M7 8.5v-6h10v6M7 17H3V8.5h18V17h-4M7 13.5h10v8H7Z"/>',
    "stop": '<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8Z"/><path d="M12 7v6M12 16.4v.4"/>',
    "warning": '<path d="M12 3 22 20.5H2Z"/><path d="M12 9.5v5M12 17.2v.3"/>',
}
# These say a direction: they turn round in a page read from right to left.
TURNING = {"arrow", "back"}
MARK = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M0 8.4 16 2v4L0 12.4Z" fill="currentColor"/>'
    '<path d="M2 11v5M8 8.6V16M14 6.4V16" stroke="currentColor" stroke-width="2" fill="none"/></svg>'
)


def draw(name: str) -> str:
    """The SVG of an icon, or of the mark; `KeyError` when nobody drew it."""
    if name == "mark":
        return MARK
    return FRAME.format(css="icon turn" if name in TURNING else "icon", strokes=STROKES[name])
