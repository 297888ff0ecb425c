"""The list of oracles names tests that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles.oracles_kit import ORACLES


@pytest.mark.parametrize("oracle", ORACLES)
def test_every_oracle_has_its_test(oracle):
    file, test = ORACLES[oracle]
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    assert f"def {test}(" in text
