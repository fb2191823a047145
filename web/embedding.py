"""The lines by which another site shows the read-only widget (``web.routes.embed``)."""

from html import escape

from web.settings import Settings

WIDTH, HEIGHT = "100%", 560


def snippet(settings: Settings, interview_id: int, theme: str) -> str | None:
    """What goes into the other site's page for one interview; None where no other site may show it.

    Args:
        settings: of this installation.
        interview_id: the interview's number.
        theme: the frame's title, read out by screen readers.
    """
    if not settings.embed_ancestors:
        return None
    address = f"{settings.base_url}/embed/interviews/{interview_id}"
    return f'<iframe src="{address}" title="{escape(theme)}" width="{WIDTH}" height="{HEIGHT}" loading="lazy"></iframe>'
