"""Declarations of data sources: what is wrong with one is said without its address."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from runfold.database_settings import DataSource


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hidden@host/db", "postgresql://u:[hidden@host/db", "postgresql://u:hidden\u2100@h"],
)
def test_a_wrong_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        DataSource(url=url)
    assert "hidden" not in str(raised.value.errors(include_input=False, include_context=False))
    assert "hidden" not in repr(DataSource(url="postgresql://u:hidden@host/db"))
