"""Fetching: real servers on loopback addresses, and no way to any machine that is not public.

127.0.0.2 plays the public internet: the tests' policy allows it and nothing else that the strict
policy refuses. No test resolves a name or sends a byte beyond loopback.
"""

from __future__ import annotations

import gzip
import io
import logging
import socket
import socketserver
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import docx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.errors import FetchError
from services.sources.address_policy import WEB_PORTS, Address, AddressPolicy
from services.sources.fetch import FetchedPage, Fetcher
from services.sources.web_address import parse_web_address

PUBLIC = "127.0.0.2"
PAGE = b"<!doctype html><title>Team</title><p>Mira Solberg is a nurse in Oslo.</p>"
Answer = Callable[[socket.socket], None]


class OnlyPublic(AddressPolicy):
    """The strict policy, but that 127.0.0.2 counts as public, and any port as one of the web."""

    def __init__(self) -> None:
        super().__init__(ports=frozenset(range(1, 65536)))

    def allows(self, address: Address) -> bool:
        return str(address) == PUBLIC or super().allows(address)

    def allows_connection(self, local: Address, remote: Address) -> bool:
        return str(remote) == PUBLIC


@dataclass
class Site:
    """A server with one answer for each path, and the requests it got."""

    host: str
    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    first: Answer | None = None  # instead of reading a request

    def url(self, path: str = "/", name: str = "public.example") -> str:
        return f"http://{name}:{self.port}{path}"

    def serve(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
            request += piece
        if request:
            self.requests.append(request.decode("latin-1"))
            path = self.requests[-1].split(" ")[1]
            self.answers[path](connection)


@contextmanager
def running(host: str, port: int = 0) -> Iterator[Site]:
    site = Site(host)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                (site.first or site.serve)(self.request)
            except OSError:
                return  # the fetcher has gone, as it should

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((host, port), Handler) as server:
        site.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield site
        server.shutdown()


@pytest.fixture
def site() -> Iterator[Site]:
    with running(PUBLIC) as public:
        yield public


@dataclass
class Names:
    """A resolver with these answers, in turn; the last one stays."""

    answers: list[list[str]] = field(default_factory=lambda: [[PUBLIC]])
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def fetch(url: str, names: Names | None = None, seconds: float = 5) -> FetchedPage:
    return Fetcher(OnlyPublic(), names or Names(), seconds=seconds).fetch(url)


def refusal(url: str, names: Names | None = None, seconds: float = 5) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, names, seconds)
    assert len(caught.value.advice) > 10
    return caught.value.problem


def strict_refusal(url: str, *answers: str) -> str:
    """What the dashboard's own policy says; asks no real resolver."""
    with pytest.raises(FetchError) as caught:
        Fetcher(resolver=Names([list(answers)])).fetch(url)
    return caught.value.problem


def answer(
    body: bytes = PAGE, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **more: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), **named}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    whole = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body
    return lambda connection: connection.sendall(whole)


def redirect(location: str) -> Answer:
    return answer(b"", status="302 Found", Location=location)


def endless(head: bytes, piece: bytes, pause: float) -> Answer:
    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return send


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a new certificate, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(public, private)
    return served, ssl.create_default_context(cafile=str(public))


# ---------------------------------------------------------------- what can be read


def test_a_page_its_host_and_nothing_personal_in_the_request(site: Site) -> None:
    site.answers["/team?q=%C3%A5#"[:-1]] = answer(Set_Cookie="a=b")
    found = fetch(site.url("/team?q=å#part"))
    assert found.text == "Team\n\nMira Solberg is a nurse in Oslo."
    assert found.url == site.url("/team?q=%C3%A5")
    assert found.notes[0] == "Taken from public.example."
    (request,) = site.requests
    assert f"Host: public.example:{site.port}" in request
    assert "Cookie" not in request and "Referer" not in request


def test_every_kind_of_page_that_files_can_have(site: Site) -> None:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Mira Solberg")
    document.save(out)
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    site.answers |= {
        "/txt": answer(b"Mira Solberg", "text/plain"),
        "/md": answer(b"Mira Solberg", "text/markdown"),
        "/docx": answer(out.getvalue(), word),
        "/latin": answer("Mira Sölberg".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
        "/utf-16": answer("Mira Sölberg".encode("utf-16-be"), "text/plain; charset=utf-16"),
        "/gzip": answer(gzip.compress(PAGE) + gzip.compress(b"<p>More"), Content_Encoding="gzip"),
        "/raw": answer(zlib.compress(PAGE, wbits=-15), Content_Encoding="deflate"),
    }
    for path in ("/txt", "/md", "/docx"):
        assert fetch(site.url(path)).text == "Mira Solberg"
    assert fetch(site.url("/latin")).text == "Mira Sölberg"
    assert fetch(site.url("/utf-16")).text == "Mira Sölberg"
    assert fetch(site.url("/gzip")).text.endswith("Oslo.\n\nMore")
    assert fetch(site.url("/raw")).text.endswith("Oslo.")


def test_redirects_are_followed_a_few_times(site: Site) -> None:
    site.answers |= {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    site.answers["/5"] = answer()
    assert fetch(site.url("/0")).url == site.url("/5")
    site.answers["/5"] = redirect("/6")
    site.answers["/6"] = answer()
    assert "leads on" in refusal(site.url("/0"))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (answer(b"\x89PNG", "image/png"), "no text page"),
        (answer(b"{}", "application/json"), "no text page"),
        (answer(b"x", "application/octet-stream"), "no text page"),
        (answer(b"x", ""), "no text page"),
        (answer(b"\0\1\2", "text/plain"), "not hold plain text"),
        (answer(b"%PDF-1.4 nothing", "application/pdf"), "damaged"),
        (answer(b"", "text/html"), "empty"),
        (answer(status="404 Not Found"), "no page"),
        (answer(status="401 Unauthorized"), "sign-in"),
        (answer(status="503 No"), "status 503"),
        (answer(Content_Encoding="br"), "packed"),
        (answer(Content_Encoding="gzip"), "damaged"),
        (answer(gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "damaged"),
        (answer(b"x" * 5_000_001, "text/plain"), "5 MB"),
        (answer(b"", "text/plain", Content_Length="6000000"), "5 MB"),
        (answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), "5 MB"),
        (answer(gzip.compress(b"") * 100_000, Content_Encoding="gzip"), "damaged"),
        (lambda connection: connection.sendall(b"SSH-2.0\r\n\r\n"), "understood"),
        (lambda _: None, "understood|reached"),
        (redirect("http://user:pass@public.example/"), "user name or password"),
        (redirect("file:///etc/passwd"), "http:// or https://"),
        (redirect("gopher://public.example/"), "http:// or https://"),
        (redirect("http://a b/"), "makes no sense"),
    ],
)
def test_a_page_that_cannot_be_taken(site: Site, given: Answer, problem: str) -> None:
    site.answers["/"] = given
    before = time.monotonic()
    said = refusal(site.url())
    assert any(part in said for part in problem.split("|")), said
    assert time.monotonic() - before < 4


@pytest.mark.parametrize(
    "given",
    [
        endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"a", 0.05),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05),
        endless(b"", b"H", 0.05),
        endless(b"HTTP/1.1 200 OK\r\n", b"", 0.05),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
    ],
)
def test_a_trickle_ends_at_the_deadline(site: Site, given: Answer) -> None:
    site.answers["/"] = given
    before = time.monotonic()
    assert refusal(site.url(), seconds=1)
    assert 0.1 < time.monotonic() - before < 3


def test_the_deadline_holds_for_redirects_together_and_for_the_look_up(site: Site) -> None:
    def slow(connection: socket.socket) -> None:
        time.sleep(0.4)
        redirect("/")(connection)

    def sleepy(host: str, port: int) -> list[str]:
        time.sleep(3)
        return [PUBLIC]

    site.answers["/"] = slow
    assert "within 1 seconds" in refusal(site.url(), seconds=1)
    before = time.monotonic()
    with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
        Fetcher(OnlyPublic(), sleepy, seconds=0.5).fetch(site.url())
    assert time.monotonic() - before < 2


def test_an_endless_body_ends_at_five_megabytes(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    site.answers["/"] = endless(head, b"x" * 100_000, 0)
    assert "5 MB" in refusal(site.url(), seconds=15)


# ---------------------------------------------------------------- SSRF


INSIDE = [
    "http://127.0.0.1/",
    "127.0.0.1",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0X7F.0.0.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://１２７.0.0.1/",
    "http://①②⑦。⓪。⓪。①/",
    "http://0/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:0:0:0:0:80ff:fffe]/",
    "http://[2600::5efe:7f00:1]/",
    "http://[fd00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://203.0.113.7/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "https://127.0.0.1:8443/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_addresses_inside_are_refused_in_every_spelling(url: str) -> None:
    assert "public web page" in strict_refusal(url, "93.184.216.34")


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://public.example/", "ftp://public.example/"),
        *("javascript:alert(1)", "data:text/html,x", "mailto:mira@public.example"),
        *("http://user@public.example/", "http://user:pass@public.example/", "user@public.example"),
        *("http://public.example@127.0.0.1/", "http://127.0.0.1\\@public.example/"),
        *("http:///", "http://", "", "   ", "http://a..example/", "http://%31%32%37.0.0.1/"),
        *("http://127.0.0.1.5/", "http://256.0.0.1/", "http://4294967296/", "http://09.1/"),
        *("http://[::1/", "http://[::1", "http://[v1.x]/", "http://[127.0.0.1]/"),
        *("http://public.example:0/", "http://public.example:99999/", "http://public.example:x/"),
        *("http://public.example:22/", "http://public.example:5432/", "http://a.example/\nHost: b"),
        *(
            "http://a.example/\ud800",
            f"http://{'a' * 64}.example/",
            "http://a.example/" + "x" * 5000,
        ),
        *("http://public.example／evil/", "http://64:ff9b::7f00:1/"),
    ],
)
def test_other_addresses_are_refused_without_a_look_up(url: str) -> None:
    names = Names()
    with pytest.raises(FetchError):
        Fetcher(resolver=names).fetch(url)
    assert names.asked == []


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
        ["93.184.216.34", "10.0.0.1"],
        ["2606:2800:220:1:248:1893:25c8:1946", "::1"],
        ["nonsense"],
    ],
)
def test_names_that_lead_inside_are_refused(answers: list[str]) -> None:
    for url in ("http://metadata.google.internal/", "https://localhost/", "http://intern.example"):
        assert "public web page" in strict_refusal(url, *answers)


def test_a_name_without_answer_is_refused() -> None:
    assert "cannot be found" in strict_refusal("http://nowhere.example/")


@pytest.mark.parametrize(
    "address",
    [
        *("93.184.216.34", "8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:2800:220:1::1"),
        *("64:ff9b::808:808", "::ffff:8.8.8.8"),
    ],
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert AddressPolicy().allows(ip_address(address))
    assert frozenset({80, 443, 8080, 8443}) == WEB_PORTS


def test_a_machines_own_address_counts_as_loopback() -> None:
    own = ip_address("93.184.216.34")
    assert not AddressPolicy().allows_connection(own, own)


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://0x7f.1/", "//127.1/", "http://169.254.169.254/latest/"),
        *("http://[::ffff:127.0.0.1]/", "http://metadata.google.internal/"),
    ],
)
def test_a_redirect_inside_is_refused(site: Site, location: str) -> None:
    names = Names([[PUBLIC], ["169.254.169.254"]])
    site.answers["/"] = redirect(location)
    assert "public web page" in refusal(site.url(), names)
    assert len(site.requests) == 1


def test_a_name_that_moves_is_looked_up_once_and_never_followed(site: Site) -> None:
    names = Names([[PUBLIC], ["127.0.0.1"]])
    site.answers["/"] = answer()
    with running("127.0.0.1", site.port) as inside:
        inside.answers["/"] = answer(b"secret", "text/plain")
        assert "Mira" in fetch(site.url(), names).text
        assert names.asked == ["public.example"]
        site.answers["/again"] = redirect("/")
        names.asked.clear()
        assert "public web page" in refusal(site.url("/again"), names)
        assert inside.requests == []


def test_a_dead_address_leaves_the_next_one(site: Site) -> None:
    class Both(OnlyPublic):
        def allows(self, address: Address) -> bool:
            return str(address) in (PUBLIC, "127.0.0.3")

    site.answers["/"] = answer()
    fetcher = Fetcher(Both(), Names([["127.0.0.3", PUBLIC]]))
    assert "Mira" in fetcher.fetch(site.url()).text


def test_the_certificate_is_checked_for_the_name_not_the_number(site: Site, tmp_path: Path) -> None:
    served, trusting = certificate_for("public.example", tmp_path)

    def secured(connection: socket.socket) -> None:
        with served.wrap_socket(connection, server_side=True) as stream:
            site.serve(stream)

    site.first = secured
    site.answers["/"] = answer()
    fetcher = Fetcher(OnlyPublic(), Names(), seconds=5, tls=trusting)
    assert "Mira" in fetcher.fetch(f"https://public.example:{site.port}/").text
    for name, trust in (("other.example", trusting), (PUBLIC, trusting), ("public.example", None)):
        with pytest.raises(FetchError, match="cannot be reached"):
            Fetcher(OnlyPublic(), Names(), seconds=5, tls=trust).fetch(
                f"https://{name}:{site.port}/"
            )
    assert len(site.requests) == 1


def test_a_silent_handshake_ends_at_the_deadline(site: Site) -> None:
    site.first = lambda _: time.sleep(4)
    before = time.monotonic()
    assert refusal(f"https://public.example:{site.port}/", seconds=1)
    assert time.monotonic() - before < 3


def test_no_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with running("127.0.0.1") as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        site.answers["/"] = answer()
        assert "Mira" in fetch(site.url()).text
        assert proxy.requests == []


def test_nothing_but_the_host_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    site.answers["/mira-solberg"] = answer()
    fetch(site.url("/mira-solberg"))
    refusal(site.url("/mira-solberg", name="127.0.0.1"))
    assert "public.example" in caplog.text
    assert "mira" not in caplog.text.lower() and "nurse" not in caplog.text


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("public.example/a b"[:16], "https://public.example/a"),
        ("HTTP://Public.Example:80/", "http://public.example/"),
        ("https://public.example:8443", "https://public.example:8443/"),
        ("public.example:8080/x", "https://public.example:8080/x"),
        ("https://bücher.example/ö?ä=1#x", "https://xn--bcher-kva.example/%C3%B6?%C3%A4=1"),
        ("http://[2606:2800::1]:8080/", "http://[2606:2800::1]:8080/"),
        ("http://ｐｕｂｌｉｃ。example/%2f", "http://public.example/%2f"),
    ],
)
def test_addresses_as_people_write_them(given: str, address: str) -> None:
    assert str(parse_web_address(given)) == address
