"""A mail server that keeps what it gets: real SMTP on a free port, as far as a client needs it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Sink:
    """`refused` are the addresses that it does not know."""

    port: int = 0
    refused: frozenset[str] = frozenset()
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def listening(*refused: str) -> Iterator[Sink]:
    sink = Sink(refused=frozenset(refused))

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 sink")
            for line in self.rfile:
                if not self.answer(line.decode().strip()):
                    return

        def answer(self, command: str) -> bool:
            match command.split(":")[0].split(" ")[0].upper():
                case "EHLO" | "HELO":
                    self.say("250 sink")
                case "RCPT":
                    address = command.split("<")[1].split(">")[0]
                    if address in sink.refused:
                        self.say("550 no such address")
                    else:
                        sink.recipients.append(address)
                        self.say("250 ok")
                case "DATA":
                    self.say("354 go on")
                    self.take()
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return False
                case _:
                    self.say("250 ok")
            return True

        def take(self) -> None:
            lines = iter(self.rfile.readline, b".\r\n")
            content = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
            mail = message_from_bytes(content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            sink.mails.append(mail)

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield sink
        finally:
            server.shutdown()
