"""Acts over the interface for programs, so that a page has something to show: a visitor, a question."""

import json
import urllib.request

from tests.browser.demo import Demo


def send(demo: Demo, path: str, body: object, headers: dict[str, str]) -> dict[str, object]:
    """One request to the API; what it answered."""
    asked = urllib.request.Request(
        demo.base + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        read: dict[str, object] = json.load(answer)
        return read


def visitor(demo: Demo) -> str:
    """The token of a fresh visitor."""
    return str(send(demo, "/api/visitor", {}, {})["visitor"])


def ask(demo: Demo, who: str, interview: int, text: str) -> str:
    """Ask over HTTP; the receipt."""
    body = {"text": text, "kind": "inquiry", "client_id": f"phone-{abs(hash(text)):022d}"[:40]}
    answer = send(demo, f"/api/interviews/{interview}/questions", body, {"X-Visitor": who})
    result = answer.get("result", answer)
    assert isinstance(result, dict)
    return str(result["receipt"])
