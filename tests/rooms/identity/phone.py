"""Telephones: what plays the SMS gateway for the tests of the rooms, over real HTTP, and what each number received."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Phones:
    """Every SMS that left, in order: the number (E.164) and the words."""

    url: str = ""
    received: list[tuple[str, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def of(self, number: str) -> list[str]:
        """What a number received."""
        return [text for to, text in self.received if to == number]

    def code(self, number: str) -> str:
        """The six digits of the newest SMS of a number."""
        return re.findall(r"\b\d{6}\b", self.of(number)[-1])[0]


@contextmanager
def switched_on() -> Iterator[Phones]:
    """A gateway that answers ``{"to", "text"}`` with an id, once for each Idempotency-Key."""
    phones = Phones()

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers.get("Idempotency-Key") or asked["key"]
            if key not in phones.keys:
                phones.keys.add(key)
                phones.received.append((asked["to"], asked["text"]))
            answer = json.dumps({"id": f"sms-{key}"}).encode()
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    phones.url = f"http://127.0.0.1:{server.server_port}/sms"
    try:
        yield phones
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
