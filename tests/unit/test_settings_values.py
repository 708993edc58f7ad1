"""Values of the environment that no setting, variable or secret can have."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from runfold.cli.outcome import exit_code_of
from runfold.errors import ConfigurationError, NodeFailed
from runfold.executor.redaction import Redaction
from runfold.executor.roots import Secrets
from runfold.settings import Settings, environment, read_settings

LATIN_1 = b"caf\xe9".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRACE", "nan"),
        ("RETENTION", "inf"),
        ("ACK_WAIT", "1e400"),
        ("CODE__TIMEOUT", "Infinity"),
        ("LLM__PRICES", '{"m": {"prompt": NaN}}'),
        ("LLM__PRICES", '{"m": {"prompt": 1e400}}'),
        ("NATS_URL", LATIN_1),
        ("HTTP__ALLOW_HOSTS", f'["{LATIN_1}"]'),
        ("HTTP__ALLOW_HOSTS", '["\\ud83d"]'),
    ],
)
def test_values_that_no_setting_has(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"RUNFOLD_{name}", value)
    with pytest.raises(ValidationError, match=r"finite number|not UTF-8"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RUNFOLD_ACK_WAIT", "soon", "RUNFOLD_ACK_WAIT: Input should be a valid number"),
        ("RUNFOLD_CONCURRENCY", "0", "RUNFOLD_CONCURRENCY: Input should be greater"),
        ("RUNFOLD_GATEWAY_PORT", "99999", "RUNFOLD_GATEWAY_PORT: Input should be less"),
        ("RUNFOLD_LLM__PRICES", "{bad", "RUNFOLD_LLM__PRICES: not JSON"),
        ("RUNFOLD_HTTP", "x", "RUNFOLD_HTTP: not JSON"),
        ("RUNFOLD_HTTP__ALLOW_HOSTS", "a,b", "RUNFOLD_HTTP__ALLOW_HOSTS: not JSON"),
        ("OPENAI_BASE_URL", LATIN_1, "OPENAI_BASE_URL: Value error, not UTF-8"),
    ],
)
def test_a_variable_that_is_wrong_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as wrong:
        read_settings()
    assert wrong.value.message.startswith(f"wrong settings: {said}")
    assert exit_code_of(wrong.value) == 2


def test_variables_are_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_VAR_PLACE", LATIN_1)
    assert environment()["PLACE"] == "caf\ufffd"


def test_a_secret_that_is_not_text_is_named_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_ONE", LATIN_1)
    (tmp_path / "TWO").write_bytes(b"caf\xe9")
    secrets = Secrets(Settings(secrets_dir=tmp_path), Redaction())
    for name in ("ONE", "TWO"):
        with pytest.raises(NodeFailed) as failed:
            secrets.needed(name)
        assert failed.value.code == "secret.not_utf8"
        assert name in failed.value.message
        assert "caf" not in f"{failed.value.failure()} {failed.value.__cause__}"
