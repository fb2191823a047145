"""An address as a QR code (ISO/IEC 18004), drawn here as SVG so that no other host learns of it."""

import io

import segno
from markupsafe import Markup

QUIET = 4
"""Modules of white around it, which the standard asks for."""


def svg(address: str, said: str) -> Markup:
    """An inline SVG without style attributes, as the content security policy wants it.

    Args:
        address: an absolute address, without anything secret in it.
        said: what it leads to, for those who do not see it.

    Raises:
        segno.DataOverflowError: an address longer than the largest code holds.
    """
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(
        out,
        kind="svg",
        border=QUIET,
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        light="#fff",
        title=said,
        nl=False,
    )
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - segno escapes the title; nothing else is from outside
