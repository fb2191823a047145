"""How far long work is, read by its own page while it is looked at: a few words of JSON, no page and no stream.

The page's address answers both: whoever asks for JSON alone gets this. Without a script the page is drawn anew every
two seconds (``macros/work.html``).
"""

from aiohttp import web

JSON = "application/json"


def wanted(request: web.Request) -> bool:
    """Whether how far it is is asked for, and not the page."""
    return request.headers.get("Accept", "") == JSON


def told(said: str, done: int, total: int, *, running: bool) -> web.Response:
    """Where the work stands.

    Args:
        said: the sentence that stands on the page.
        done: steps that are done.
        total: steps of the whole; 0 where nobody can say.
        running: whether it goes on; where it does not, the page is read anew.
    """
    body = {"said": said, "done": done, "total": total, "running": running}
    return web.json_response(body, headers={"Cache-Control": "no-store", "Vary": "Accept"})
