"""The report as a mail, handed to an SMTP server."""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from enum import StrEnum
from typing import Any

from creamery.errors import ConfigError, RunError
from creamery.reports import wording
from creamery.reports.figures import Report
from creamery.reports.layout import as_pdf

_SECONDS = 60


class Security(StrEnum):
    """How the way to the server is protected."""

    STARTTLS = "starttls"
    SSL = "ssl"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the report goes and who gets it."""

    host: str
    port: int
    security: Security
    sender: str
    recipients: tuple[str, ...]
    login: str | None = None
    password: str | None = None


def server(host: str, port: int | None, login: str | None, password: str | None, extra: Mapping[str, Any]) -> Server:
    """From an Airflow connection. Raises ConfigError where something is missing, or a password would go in clear."""
    recipients = tuple(each.strip() for each in str(extra.get("to", "")).split(",") if each.strip())
    if not (host and extra.get("from") and recipients):
        raise ConfigError(
            "Connection smtp_report needs a host, and in its extra the addresses: "
            '{"from": "creamery@example.com", "to": "owner@example.com, shop@example.com"}.'
        )
    try:
        security = Security(extra.get("security", Security.STARTTLS))
    except ValueError as error:
        known = ", ".join(Security)
        raise ConfigError(f"Connection smtp_report: security {extra['security']!r} is none of {known}.") from error
    if login and security is Security.NONE:
        raise ConfigError(
            "Connection smtp_report would send its password in clear: set security to starttls or ssl in its extra."
        )
    usual = 465 if security is Security.SSL else 587 if login else 25
    return Server(host, port or usual, security, str(extra["from"]), recipients, login, password)


def message(report: Report, to: Server) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = wording.subject(report)
    mail["From"] = to.sender
    mail["To"] = ", ".join(to.recipients)
    mail["Message-ID"] = make_msgid(domain=to.sender.rpartition("@")[2])
    mail.set_content(wording.text(report))
    name = f"week-{report.as_of_date}"
    mail.add_attachment(as_pdf(report), maintype="application", subtype="pdf", filename=f"{name}.pdf")
    mail.add_attachment(wording.as_csv(report), maintype="text", subtype="csv", filename=f"{name}.csv")
    return mail


def send(mail: EmailMessage, to: Server) -> None:
    """Hand the mail over. Raises RunError with the server's words where it does not take it for everybody."""
    place = f"{to.host}:{to.port} (connection smtp_report)"
    try:
        with _connected(to) as session:
            if to.login:
                session.login(to.login, to.password or "")
            refused = session.send_message(mail)
    except (smtplib.SMTPException, OSError) as error:
        raise RunError(f"The mail server {place} did not take the report: {error}") from error
    if refused:
        raise RunError(f"The mail server {place} refused {len(refused)} of {len(to.recipients)} recipients.")


def _connected(to: Server) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    if to.security is Security.SSL:
        return smtplib.SMTP_SSL(to.host, to.port, timeout=_SECONDS, context=trusted)
    session = smtplib.SMTP(to.host, to.port, timeout=_SECONDS)
    if to.security is Security.STARTTLS:
        try:
            session.starttls(context=trusted)
        except BaseException:
            session.close()
            raise
    return session
