"""The live room under everything at once: 500 steps in every suite, 10,000 in the long one."""

import pytest

from tests.chat import machine


@pytest.mark.timeout(900)
def test_five_hundred_steps_keep_every_invariant() -> None:
    assert machine.short_run().steps >= 500


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_steps_keep_every_invariant() -> None:
    assert machine.play(examples=50, steps=202).steps >= 10_000
