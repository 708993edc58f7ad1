"""Settings of every process: read once at the composition root and passed down.

Environment variables start with `RUNFOLD_`, groups nest by `__` (`RUNFOLD_HTTP__ALLOW_LOOPBACK=1`).
`OPENAI_API_KEY` and `OPENAI_BASE_URL` are honoured as everywhere else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from runfold.contracts.whole_text import whole_text
from runfold.database_settings import DatabaseSettings
from runfold.document_settings import DocumentSettings
from runfold.errors import ConfigurationError
from runfold.knowledge_settings import KnowledgeSettings

KIB = 1024
MIB = 1024 * KIB
DAY = 24 * 3600.0
PREFIX = "RUNFOLD_"
VAR_PREFIX = f"{PREFIX}VAR_"
"""Of the variables that are what `{{env.…}}` reads."""


def listed(text: str) -> list[str]:
    """The entries of a setting that is a list, separated by commas."""
    return [entry for entry in map(str.strip, text.split(",")) if entry]


def _whole(value: Any) -> Any:
    """A setting's value, unless some text in it is not UTF-8."""
    left = [value]
    while left:
        match left.pop():
            case str() as text if whole_text(text) != text:
                message = "not UTF-8"
                raise ValueError(message)
            case dict() as inner:
                left += [*inner, *inner.values()]
            case list() as inner:
                left += inner
            case _:
                pass
    return value


def _port(default: int) -> Any:
    return Field(default=default, ge=0, le=65_535)


class _Group(BaseModel):
    """Settings that belong together: no number is NaN or infinite."""

    model_config = ConfigDict(allow_inf_nan=False)


class Provider(_Group):
    """One OpenAI-compatible endpoint. A model named `name/model` goes to the provider `name`."""

    base_url: str
    api_key: SecretStr = SecretStr("")


class ModelPrice(_Group):
    """Price of one model, per million tokens."""

    prompt: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    completion: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    currency: str = "USD"


class ModelAbilities(_Group):
    """What one model takes."""

    vision: bool = True
    """Images and video."""
    audio: bool = True
    documents: bool = True
    """Documents that are not text, as PDF; text is always taken."""
    tools: bool = True


class LLMSettings(_Group):
    """Where models are and what they cost."""

    default_model: str = "gpt-4o-mini"
    embedding_model: str = "text-embedding-3-small"
    """Model of `embed` nodes that name none."""
    rerank_model: str = ""
    """Model of `rerank` nodes with engine `endpoint` that name none."""
    providers: dict[str, Provider] = {}
    prices: dict[str, ModelPrice] = {}
    ocr_processes: int = Field(default=1, ge=1, le=64)
    """Pictures that `ocr` nodes with engine `local` read at a time, each in a process apart."""
    models: dict[str, ModelAbilities] = {}
    """What models take, by name, `{"local/llama": {"vision": false}}`; others take everything."""
    max_file_bytes: int = Field(default=50 * MIB, ge=1)
    """Bytes of all files of one request."""
    whole_finish_reasons: list[str] = []
    """Further finish reasons after which an answer is whole; the guide on models has the others."""


class HTTPSettings(_Group):
    """What the http nodes may reach."""

    allow_loopback: bool = False
    allow_hosts: list[str] = []
    """Hosts, `*.suffixes` or CIDR blocks that the SSRF guard lets through although private."""
    max_response_bytes: int = 10 * MIB
    max_redirects: int = 5


class MCPOAuth(_Group):
    """How to get a token for an MCP server: the grant `client_credentials` of OAuth 2."""

    model_config = ConfigDict(extra="forbid")

    client_id: str
    client_secret: SecretStr = SecretStr("")
    issuer: str
    """The authorization server that the client belongs to: its secret goes there, and to no other
    that an MCP server may name."""
    scopes: list[str] = []


class MCPServer(_Group):
    """One MCP server: a program to start, or an address.

    Values of `env` and `headers`, and `client_secret`, may be or contain `{{secrets.NAME}}`.
    """

    model_config = ConfigDict(extra="forbid")

    command: str = ""
    """The program; it speaks on its standard input and output."""
    args: list[str] = []
    env: dict[str, str] = {}
    """What the program has in its environment beside PATH, HOME and the like."""
    cwd: str = ""
    url: str = ""
    """Address of a server that speaks streamable HTTP."""
    headers: dict[str, str] = {}
    oauth: MCPOAuth | None = None
    connection: str = ""
    """Name of a stored connection whose credentials the requests have."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds for one call, unless the node says otherwise."""
    connect_timeout: float = Field(default=30.0, gt=0)
    """Seconds to start or reach it, and to agree on a protocol."""
    allow: list[str] = []
    """Tools that may be seen and called, `read_*`; empty: all."""
    deny: list[str] = []
    """Tools that may not, although allowed."""
    repeatable: list[str] = []
    """Tools that may be called again after a lost call, beside those that say so themselves."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.command) == bool(self.url):
            message = "give it a command or a url, and not both"
            raise ValueError(message)
        if self.url and not _is_url(self.url):
            message = "url begins with http:// or https:// and has a host"
            raise ValueError(message)
        if self.connection and self.oauth is not None:
            message = "give it a connection or oauth, and not both"
            raise ValueError(message)
        if self.connection and not self.url:
            message = "a connection is for a url: a program finds its credentials in env"
            raise ValueError(message)
        return self


def _is_url(text: str) -> bool:
    """Whether a text is the address of something that speaks HTTP."""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fits and text.isprintable() and " " not in text


class MCPSettings(_Group):
    """MCP servers that workflows may call."""

    servers: dict[str, MCPServer] = {}
    idle: float = Field(default=300.0, gt=0)
    """Seconds after which a session that no call uses is closed."""
    max_message_bytes: int = Field(default=10 * MIB, ge=1024)
    """Largest message of a server, and most that it may send without answering anything."""


class CodeSettings(_Group):
    """Limits of the code sandbox."""

    workers: int = 2
    """Programs of one run at a time; of one workflow twice as many, of all three times as many."""
    timeout: float = 15.0
    memory_bytes: int = 128 * MIB
    max_output_bytes: int = 4 * MIB
    full: bool = False
    """Whether programs with `runtime: full` are run: all of Python, in bubblewrap."""
    full_packages: list[str] = []
    """Installed packages that those programs may import; what these need comes along."""
    full_memory_bytes: int = 512 * MIB
    """Memory of one of those programs, its packages included."""


class Settings(BaseSettings):
    """All settings, with defaults fit for one machine."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", allow_inf_nan=False
    )
    _utf_8 = field_validator("*", mode="before")(_whole)

    nats_url: str = ""
    """Empty: commands that can, start an embedded server; services use nats://127.0.0.1:4222."""
    data_dir: Path = Field(default_factory=lambda: user_data_path("runfold"))
    """The embedded server's streams and the projection's database."""
    replicas: int = Field(default=1, ge=1, le=5)
    """Copies of each new stream, bucket and object store in a NATS cluster; unset: as many as those
    that are there have. What exists is changed by `runfold cluster apply` alone."""

    log_level: str = "info"
    log_format: Literal["auto", "json", "console"] = "auto"

    health_host: str = "127.0.0.1"
    health_port: int = _port(0)
    """0: any free port, logged at the start."""
    grace: float = Field(default=20.0, ge=0)
    """Seconds a service may take to drain on SIGTERM."""

    claim_threshold: int = 256 * KIB
    """Bytes above which a payload goes to the object store."""
    max_payload: int = 64 * MIB
    """Bytes above which a payload is refused for good."""
    file_limit: int = Field(default=256 * MIB, ge=1)
    """Bytes above which a file is refused: uploaded, received or written by a node."""
    file_expiry: float = Field(default=DAY, gt=0)
    """Seconds for which the bytes of a file are kept that nothing names, neither a run nor a
    workflow: an upload is to be used within. Likewise payloads in the object store."""
    file_read_limit: int = Field(default=64 * MIB, ge=1)
    """Bytes above which a node that needs a whole file in memory refuses it."""

    concurrency: int = Field(default=64, ge=1)
    """Tasks one executor process runs at a time."""
    group_limit: int = 0
    """Tasks of an executor's group in hand at a time over all its processes; 0: no limit. Counts
    when the group's queue is made; `runfold cluster apply --group-limit GROUP=N` changes it."""
    ack_wait: float = Field(default=10.0, gt=0)
    """Seconds of silence after which a task is given to somebody else. Counts when a queue is made;
    later `runfold cluster apply` changes it."""
    max_deliver: int = Field(default=5, ge=1)
    """Deliveries after which a task counts as poison; what a drain gives back counts anew."""
    partitions: str = "0-63"
    """Which partitions a scheduler handles, e.g. `0-31` or `1,5,9`."""

    retention: float = 7 * DAY
    """Seconds for which a run that ended stays in the log, before it is moved to the archive."""
    archive_retention: float = 0.0
    """Seconds for which archived runs are kept; 0: for ever. Counts when the archive is made; later
    `runfold cluster apply` changes it."""

    gateway_host: str = "127.0.0.1"
    gateway_port: int = _port(8321)
    api_key: SecretStr = SecretStr("")
    """Key that the gateway asks for; without one it listens on loopback only."""
    api_keys: SecretStr = SecretStr("")
    """Further keys with names, `ops:KEY,ci:KEY`: the name is in the log, the key is not."""
    allowed_hosts: str = ""
    """Further names that the gateway is called by, comma-separated; `*.name`, or `*` for any."""
    allowed_origins: str = ""
    """Origins whose pages may use the API, comma-separated; `*` for any, which needs a key."""
    studio_framed_by: str = ""
    """Origins whose pages may frame `/studio/embed/WORKFLOW`, comma-separated; `https://*.name`, or
    `*` for any, which needs a key."""
    body_timeout: float = 30.0
    """Seconds within which the body of a request must have come, and one more for each 256 KiB."""
    sse_heartbeat: float = 15.0
    viewer_queue: int = 10_000
    """Messages a slow SSE client may lag behind before it is cut."""

    openai_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str = Field(
        default="", validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )
    llm: LLMSettings = LLMSettings()
    http: HTTPSettings = HTTPSettings()
    mcp: MCPSettings = MCPSettings()
    code: CodeSettings = CodeSettings()
    databases: DatabaseSettings = DatabaseSettings()
    documents: DocumentSettings = DocumentSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()

    connections_key: SecretStr = SecretStr("")
    """Keys that connections are encrypted with, 32 bytes each in base64, comma-separated: the first
    encrypts, all decrypt. The gateway and the http executors have the same."""
    connections_key_file: Path | None = None
    """A file with them, in place of the former. An embedded server has its own in `data_dir`."""
    public_url: str = ""
    """What browsers reach the gateway by, such as `https://flows.example.com`; empty: as a request
    came."""

    node_modules: str = ""
    """Comma-separated Python modules with further node kinds."""
    hooks: str = ""
    """Hooks around each attempt, comma-separated, in order: redaction, payload_log, module:name."""
    redact_names: str = "password,passwd,secret,api_key,apikey,access_token,authorization"
    """Fields whose values the hook redaction replaces."""
    payload_log_bytes: int = 2048
    """Bytes of each payload that the hook payload_log writes."""
    secrets_dir: Path | None = None
    """Folder with a file for each secret that is not in an environment variable."""


def read_settings() -> Settings:
    """The process's settings, from its environment.

    Raises:
        ConfigurationError: When a variable has a value that its setting cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{_variable(one['loc'])}: {one['msg']}" for one in error.errors())
        raise ConfigurationError(f"wrong settings: {wrong}", code="settings.invalid") from error
    except SettingsError as error:
        groups = tuple(
            f"{PREFIX}{name}".upper() for name in Settings.model_fields if f'"{name}"' in str(error)
        )
        named = sorted(name for name in os.environ if name.upper().startswith(groups))
        message = (
            f"wrong settings: {', '.join(named)}: not JSON, as which objects and lists are "
            'written, such as ["a", "b"]'
        )
        raise ConfigurationError(message, code="settings.invalid") from error


def _variable(loc: tuple[int | str, ...]) -> str:
    name = "__".join(map(str, loc)).upper()
    return name if name.startswith("OPENAI_") else f"{PREFIX}{name}"


def environment() -> dict[str, str]:
    """What `{{env.X}}` is in this process: its `RUNFOLD_VAR_X`.

    Bytes that are not UTF-8 are U+FFFD in it.
    """
    return {
        name.removeprefix(VAR_PREFIX): whole_text(value)
        for name, value in os.environ.items()
        if name.startswith(VAR_PREFIX)
    }
