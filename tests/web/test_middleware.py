"""What becomes of a request that ends in an exception."""

import pytest
import structlog.testing
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from web.middleware import refusals


@pytest.mark.parametrize(
    ("error", "event", "level"),
    [
        (ConnectionResetError("Cannot write to closing transport"), "request.client_left", "info"),
        (ZeroDivisionError("ours"), "request.failed", "error"),
    ],
)
async def test_a_client_that_left_is_no_fault_of_ours(error: Exception, event: str, level: str) -> None:
    async def breaks(_request: web.Request) -> web.StreamResponse:
        raise error

    with structlog.testing.capture_logs() as said:
        response = await refusals(make_mocked_request("GET", "/api/anything"), breaks)
    assert [(line["event"], line["log_level"]) for line in said] == [(event, level)]
    assert ("exc_info" in said[0]) == (level == "error")
    assert response.status >= 400
