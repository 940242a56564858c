"""A QR code as the path of an SVG, for templates to draw without anything declared safe."""

from __future__ import annotations

import segno

QUIET = 4  # modules of white around it, as phones need


def qr_path(text: str) -> tuple[str, int]:
    """Return the path of all dark modules, and how many modules the square is wide."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=QUIET)]
    dark = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    ]
    return "".join(dark), len(rows)
