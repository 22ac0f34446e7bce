"""The long-running processes under supervisord: its configuration, and talking to it.

No secret is written here: a program is started through `python -m creamery.laptop exec <tool>`, which works
out the tool's environment and then becomes the tool.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from creamery.errors import ConfigError, RunError
from creamery.laptop import environment, leftovers
from creamery.laptop.installation import Installation
from creamery.laptop.tools import tail

POSTGRES = "postgres"
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
SUPERSET = "superset"
NAMES = (POSTGRES, *AIRFLOW, SUPERSET)
_ENDED = ("STOPPED", "EXITED", "FATAL")
_REACTION_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process. `account`: who runs it, if not the caller."""

    name: str
    command: list[str]
    stop_signal: str = "TERM"
    stop_seconds: int = 40
    account: str | None = None


def programs(installation: Installation) -> list[Program]:
    server = installation.server
    through = [sys.executable, "-m", "creamery.laptop", "exec"]
    # Their log servers would listen on all interfaces; on one machine the UI reads the files.
    extra = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}
    gunicorn = ["--bind", f"127.0.0.1:{installation.ports.superset}", "--workers", "1", "--threads", "8"]
    gunicorn += ["--worker-class", "gthread", "--timeout", "120", "--no-control-socket"]
    gunicorn.append("superset.app:create_app()")
    return [
        Program(POSTGRES, server.command, "INT", 120, server.account),
        *(Program(name, [*through, "airflow", name, *extra.get(name, [])]) for name in AIRFLOW),
        Program(SUPERSET, [*through, "gunicorn", *gunicorn]),
    ]


def render_configuration(installation: Installation, socket: Path) -> str:
    """The text of supervisord's configuration file."""
    user = "user=root\n" if os.geteuid() == 0 else ""
    head = f"""\
; Written at every start by creamery.laptop.processes: changes here are lost.
; {installation.ports}
[supervisord]
{user}directory={_value(installation.root)}
logfile={_value(installation.logs / "supervisord.log")}
pidfile={_value(installation.run / "supervisord.pid")}
childlogdir={_value(installation.logs)}

[unix_http_server]
file={_value(socket)}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_render(installation, program) for program in programs(installation))


def _render(installation: Installation, program: Program) -> str:
    # As another account, the checkout and the caller's home may be out of reach.
    place = f"user={program.account}\ndirectory=/\n" if program.account else ""
    # PostgreSQL ends its own children, and what is left of it is stopped by pg_ctl, not as a marked process.
    group = f'environment={leftovers.MARK}=""\n' if program.name == POSTGRES else "stopasgroup=true\n"
    return f"""
[program:{program.name}]
command={_value(shlex.join(program.command))}
{place}{group}killasgroup=true
stopsignal={program.stop_signal}
stopwaitsecs={program.stop_seconds}
autostart=false
autorestart=true
startsecs=3
redirect_stderr=true
stdout_logfile={_value(installation.logs / (program.name + ".log"))}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def _value(text: str | Path) -> str:
    return str(text).replace("%", "%%")


class Supervisor:
    """The one supervisord of an installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._config = installation.run / "supervisord.conf"
        self._note = installation.run / "socket_folder"
        self._mark = str(installation.state)

    def is_running(self) -> bool:
        return bool(self._states())

    def is_outdated(self) -> bool:
        """Whether it runs with the settings of another version of this checkout."""
        return self.is_running() and self._config.read_text() != render_configuration(
            self._installation, self._socket()
        )

    def states(self) -> dict[str, str]:
        """Program -> RUNNING, STOPPED, FATAL ...; all STOPPED when supervisord does not run."""
        known = self._states()
        return {name: known.get(name, "STOPPED") for name in NAMES}

    def is_up(self, name: str) -> bool:
        return self._states().get(name) in ("STARTING", "RUNNING", "BACKOFF")

    def require_alive(self, names: Iterable[str]) -> None:
        """Raises RunError with the end of its log if one of the programs has ended for good."""
        states = self.states()
        for name in names:
            if states[name] in _ENDED:
                log = tail(self._installation.logs / f"{name}.log")
                raise RunError(f"{name} has ended ({states[name].lower()}). The end of its log:\n{log}")

    def start(self, names: Iterable[str]) -> None:
        """Start programs (and supervisord itself); those that run stay as they are."""
        self._ensure_daemon()
        for name in names:
            if not self.is_up(name):
                self._start_program(name)

    def _start_program(self, name: str) -> None:
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as error:
            raise ConfigError(f"supervisord cannot start {name}: {error.faultString}. See make logs.") from error

    def stop(self) -> None:
        """Stop everything, PostgreSQL last, and wait for it; end what a dead supervisord left too."""
        if self.is_running():
            self._stop_programs([name for name in NAMES if name != POSTGRES])
            self._stop_programs([POSTGRES])
            self._call("shutdown")
            self._wait(lambda: not self.is_running())
        leftovers.terminate(self._mark)
        self._installation.server.stop_leftover()
        self._remove_socket()

    def _stop_programs(self, names: list[str]) -> None:
        for name in names:
            if self._states().get(name) not in _ENDED:
                self._call("stopProcess", name, False)
        self._wait(lambda: all(self._states().get(name) in _ENDED for name in names))

    def _ensure_daemon(self) -> None:
        if self.is_running():
            return
        self.stop()  # what is left of one that was killed
        self._note.write_text(tempfile.mkdtemp(prefix="creamery-"))
        self._config.write_text(render_configuration(self._installation, self._socket()))
        daemon = [str(self._installation.program("dev", "supervisord")), "-c", str(self._config)]
        variables = {
            **environment.inherited(),
            **leftovers.variables(self._mark),
            "PYTHONPATH": str(self._installation.root / "plugins"),
        }
        outcome = subprocess.run(daemon, env=variables, capture_output=True, text=True)
        if outcome.returncode != 0:
            raise ConfigError(f"supervisord does not start: {(outcome.stderr or outcome.stdout).strip()}")
        self._wait(self.is_running)

    def _states(self) -> dict[str, str]:
        if not self._note.exists():
            return {}
        try:
            described: Any = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.ProtocolError):
            return {}
        return {process["name"]: process["statename"] for process in described}

    def _call(self, method: str, *arguments: object) -> object:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, f"unix://{self._socket()}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def _socket(self) -> Path:
        # A socket's path has 108 characters at most: it lies in a short folder of its own.
        return Path(self._note.read_text()) / "supervisor.sock"

    def _remove_socket(self) -> None:
        if self._note.exists():
            shutil.rmtree(self._note.read_text(), ignore_errors=True)
            self._note.unlink()

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _REACTION_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise ConfigError(f"supervisord does not react. Its log: {self._installation.logs}.")
            time.sleep(0.2)
