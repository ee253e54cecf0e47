"""Settings: a TOML file, the environment over it, and the options of a command over both."""

import os
import secrets as random
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from limits import parse
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from gradgrade.problems import DocumentError
from gradgrade.problems.documents.faults import nearest
from gradgrade.problems.documents.text import decoded

PREFIX = "GRADGRADE_"
CONFIG = "GRADGRADE_CONFIG"
"""The variable that names the file, where no option does."""

MOST_AHEAD = 256
"""So many are walked at once; more would be several pieces of work."""

SHORTEST_SECRET = 16
SECRET_BYTES = 32
"""How many random bytes a secret of our making has."""

CONFIDENTIAL = frozenset({"secret", "database", "redis"})
"""What is shown nowhere: it is a password, or may contain one."""


def _rate(text: str) -> str:
    try:
        parse(text)
    except ValueError:
        raise ValueError("it is not a rate such as 30/minute") from None
    return text


def _redis(address: str) -> str:
    try:
        from redis import Redis as Client
    except ImportError:
        raise ValueError("Redis needs the extra: pip install 'gradgrade[prod]'") from None
    try:
        Client.from_url(address)
    except ValueError:
        raise ValueError("it is no redis://HOST:PORT/NUMBER, rediss://… or unix://FILE") from None
    return address


def _networks(text: str) -> str:
    networks_of(text)
    return text


def networks_of(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks that a setting names.

    Raises:
        ValueError: one of them is none.

    >>> [str(each) for each in networks_of("127.0.0.1, 10.0.0.0/8")]
    ['127.0.0.1/32', '10.0.0.0/8']
    """
    try:
        return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError:
        raise ValueError("it is no address or network such as 10.0.0.0/8") from None


def _long_enough(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and len(_bytes(secret.get_secret_value())) < SHORTEST_SECRET:
        raise ValueError(f"a secret has at least {SHORTEST_SECRET} bytes")
    return secret


Redis = Annotated[str, AfterValidator(_redis)]
"""Where a Redis is."""

Rate = Annotated[str, AfterValidator(_rate)]
"""How often: `30/minute`, `5 per 10 second`."""


class Settings(BaseSettings):
    """What a server is told. `load` reads them; made directly, they heed no file or variable.

    Args:
        database: a file's path, `sqlite:///FILE` or `postgresql://USER@HOST/NAME`.
        secret: what variants are drawn with; None: what `secret_file` has.
        secret_file: made at the first start where there is none.
        course: the name of the course; variants depend on it.
        host: the address to listen on.
        port: the port; 0 picks a free one.
        threads: how many requests a process works on at once.
        public_grading: whether anybody may grade without a token where a course is served; where
            none is, anybody may.
        playground: whether there is a playground beside a course; where none is, there is one.
        ahead: how many students' variants are made ahead when one fetches theirs; 0: none.
        general_rate: how often a token, or an address without one, may ask for anything else.
        submission_rate: how often a student may submit.
        grading_rate: how much an address may have computed without a token, and a token for CI, in
            units of cost.
        failed_token_rate: how often an address may send a token that is nobody's.
        redis: where the rates are counted, so that all processes share them; None: in each.
        cluster: a Dask scheduler that works on many variants; None: processes of this machine.
        most_bytes: the longest body that is read.
        received_header: in which the reverse proxy states when it had a request; None: it does not.
        metrics_from: the addresses or networks whose clients are told the metrics, with commas
            between them; None: nobody is.
        language: in which pages are shown, where there is a translation, such as `de` or `pt_BR`.
        log_level: the least that is logged.
        proxies: how many reverse proxies stand before the server, whose word on the client's
            address is taken.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, strict=True, validate_default=True
    )

    database: Annotated[str, Field(min_length=1, repr=False)] = "sqlite:///gradgrade.db"
    secret: Annotated[SecretStr | None, AfterValidator(_long_enough)] = None
    secret_file: Annotated[str, Field(min_length=1)] = "gradgrade.secret"
    course: Annotated[str, Field(min_length=1)] = "course"
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    threads: Annotated[int, Field(ge=1)] = 8
    public_grading: bool = False
    playground: bool = True
    ahead: Annotated[int, Field(ge=0, le=MOST_AHEAD)] = 16
    general_rate: Rate = "1200/minute"
    submission_rate: Rate = "30/minute"
    grading_rate: Rate = "100000/minute"
    failed_token_rate: Rate = "30/minute"
    redis: Annotated[Redis | None, Field(repr=False)] = None
    cluster: Annotated[str | None, Field(min_length=1)] = None
    most_bytes: Annotated[int, Field(ge=1)] = 2**20
    received_header: Annotated[str, Field(min_length=1)] | None = None
    metrics_from: Annotated[str, AfterValidator(_networks)] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")] = "en"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    proxies: Annotated[int, Field(ge=0)] = 0

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given alone: `load` puts file, environment and options together."""
        return (init_settings,)


def load(config: str | None = None, **options: Any) -> Settings:
    """Return the settings of this process.

    Args:
        config: a TOML file; where it is None, the one that GRADGRADE_CONFIG names, if any.
        options: what a command was told, over all else; what is None was not told.

    Raises:
        DocumentError: one line that names the setting and its value, unless that is confidential.
        OSError: the file cannot be read.
    """
    path = config or os.environ.get(CONFIG)
    told = {name: value for name, value in options.items() if value is not None}
    from_file = _read(path) if path else {}
    values = {**from_file, **EnvSettingsSource(Settings)(), **told}
    try:
        return Settings(**values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = str(fault["loc"][0])
        if name in told:
            place = name
        elif (variable := PREFIX + name.upper()) in os.environ:
            place = variable
        else:
            place = f"{path}: {name}"
        raise DocumentError(f"{place}: {_why(fault, name)}") from None


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(decoded(Path(path).read_bytes()))
    except (DocumentError, tomllib.TOMLDecodeError) as error:
        raise DocumentError(f"{path}: {error}") from None


def _why(fault: Mapping[str, Any], name: str) -> str:
    if fault["type"] == "extra_forbidden":
        known = Settings.model_fields
        meant = nearest(name, known)
        if meant is not None:
            return f"there is no such setting; did you mean {meant}?"
        return f"there is no such setting; there are {', '.join(known)}"
    if fault["type"] == "string_too_short":
        return f"it is empty: {_instead(name)}"
    cause = fault.get("ctx", {}).get("error")
    message = str(cause if isinstance(cause, ValueError) else fault["msg"])
    return message if name in CONFIDENTIAL else f"{message} (got {fault['input']!r})"


def _instead(name: str) -> str:
    """Return what is written for a setting that was left empty."""
    default = Settings.model_fields[name].default
    return "leave it out" if default is None else f"write one, such as {default}, or leave it out"


def stated_secret() -> bytes | None:
    """Return the secret that the environment states for this process, where it states one.

    Raises:
        DocumentError: it has too little.
    """
    variable = f"{PREFIX}SECRET"
    if variable not in os.environ:
        return None
    secret = _bytes(os.environ[variable])
    if len(secret) < SHORTEST_SECRET:
        raise DocumentError(f"{variable}: a secret has at least {SHORTEST_SECRET} bytes")
    return secret


def secret_of(settings: Settings, *, makes: bool = True) -> bytes:
    """Return the secret: the text of the setting or the file, without white space around it.

    Where neither is there, a new secret is written to the file, readable by its owner alone.

    Args:
        settings: of this process.
        makes: whether it is.

    Raises:
        DocumentError: others can read the file, or it has too little, or is not there.
        OSError: the file cannot be read or made.
    """
    if settings.secret is not None:
        return _bytes(settings.secret.get_secret_value())
    path = Path(settings.secret_file)
    if not makes and not path.exists():
        raise DocumentError(f"{path}: no such secret; it is what variants were drawn with")
    with suppress(FileExistsError):  # another process may make it at this moment
        if not path.exists():
            _make_secret(path)
    secret = _bytes(_read_private(path))
    if len(secret) < SHORTEST_SECRET:
        raise DocumentError(f"{path}: a secret has at least {SHORTEST_SECRET} bytes")
    return secret


def _bytes(text: str) -> bytes:
    return text.strip().encode("utf-8", "surrogateescape")


def _make_secret(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{random.token_hex(4)}")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as written:
            written.write(f"{random.token_hex(SECRET_BYTES)}\n")
            written.flush()
            os.fsync(file)
        os.link(temporary, path)  # fails where another was faster, and replaces nothing
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


def _read_private(path: Path) -> str:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise DocumentError(
                f"{path}: others can read the secret (mode {mode:04o}); run: chmod 600 {path}"
            )
        return file.read().decode("utf-8", "surrogateescape")
