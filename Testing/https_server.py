"""A server on localhost that speaks https, with a certificate made here, and answers each path in a way of its own."""

from __future__ import annotations

import functools
import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """A certificate for localhost and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [*command, *names, "-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(made, check=True, capture_output=True)
    path.write_text(path.read_text(encoding="utf-8") + path.with_suffix(".crt").read_text(encoding="utf-8"))
    return path


class Server:
    """What was asked of it, and how it answers each path."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[str, str | None]] = []
        self.port = 0

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                wanted = self.headers.get("Range")
                server.asked.append((self.path, wanted))
                kind, body, start = self.path.strip("/").partition("?")[0], server.content, 0
                self.close_connection = True
                if kind in ("http", "ftp"):
                    self.send_response(302)
                    self.send_header("Location", f"{kind}://localhost:{server.port}/whole")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if kind == "away":
                    self.send_response(302)
                    self.send_header("Location", f"https://localhost:{server.port}/whole")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if kind in ("missing", "never-on"):
                    self.send_response(404 if kind == "missing" else 416)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if kind in ("chunks", "chunks-cut"):
                    self.in_chunks([b"<html>", b"log in"] if kind == "chunks" else [body[:500], body[500:700]])
                    if kind == "chunks":
                        self.wfile.write(b"0\r\n\r\n")
                    return
                if kind.startswith("login"):
                    body, wanted = b"<html>log in</html>", None
                if kind == "endless":
                    body = body * 3
                if kind == "wrong":
                    body = bytes(len(body))
                end = len(body)
                if wanted and not kind.startswith("no-ranges"):
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                    if start >= len(body):
                        self.send_response(416)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                        return
                    self.send_response(206)
                    end = start + 100 if kind == "little" else end
                    self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(body)}")
                else:
                    self.send_response(200)
                if kind not in ("unstated", "endless", "login-unstated"):
                    self.send_header("Content-Length", str(end - start))
                self.end_headers()
                if self.command == "HEAD":
                    return
                broken = kind in ("broken", "no-ranges-cut") and start == 0
                self.wfile.write(body[start : len(body) // 2] if broken else body[start:end])

            do_HEAD = do_GET

            def in_chunks(self, parts: list[bytes]) -> None:
                """A body of which no size is stated, without the word that it ends."""
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for part in parts:
                    self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")

            def log_message(self, *words: object) -> None:
                pass

        return Handler


@pytest.fixture
def server(certificate, content, monkeypatch) -> Iterator[Server]:
    """A server on localhost that speaks https, whose certificate is trusted."""
    _trust(certificate, monkeypatch)
    made = Server(content)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), made.handler())
    _speak_https(listening, certificate)
    listening.handle_error = lambda *args: None  # type: ignore[method-assign]
    made.port = listening.server_address[1]
    with _serving(listening):
        yield made


@pytest.fixture
def folder_server(certificate, tmp_path, monkeypatch) -> Iterator[tuple[Path, str]]:
    """A folder, and the address under which a server on localhost hands out its files, by https."""
    _trust(certificate, monkeypatch)
    folder = tmp_path / "published"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    _speak_https(listening, certificate)
    with _serving(listening):
        yield folder, f"https://localhost:{listening.server_address[1]}"


def _trust(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def _speak_https(listening: http.server.HTTPServer, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)


@contextmanager
def _serving(listening: http.server.HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield
    listening.shutdown()
    thread.join()
    listening.server_close()
