"""Translation of the vendor's faults: none forgotten, none passed through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import openai
import pytest

from services.engines.model.faults.translation import retry_after, translated_faults
from services.errors import GenerationError

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
SECRET = "sk-secret Ana Ruiz"


def _subclasses(base: type[BaseException]) -> Iterator[type[BaseException]]:
    for child in base.__subclasses__():
        yield child
        yield from _subclasses(child)


def _vendor_faults() -> Iterator[BaseException]:
    for kind in dict.fromkeys((openai.OpenAIError, *_subclasses(openai.OpenAIError))):
        fault = kind.__new__(kind)
        Exception.__init__(fault, SECRET)
        code = getattr(kind, "status_code", 418)
        response = httpx2.Response(code if isinstance(code, int) else 418, request=REQUEST)
        fault.__dict__.update(
            response=response, request=REQUEST, message=SECRET, code=SECRET, type=None, param=None
        )
        fault.__dict__["status_code"] = response.status_code
        yield fault


def _transport_faults() -> Iterator[BaseException]:
    for base in (httpx2.HTTPError, httpx2.StreamError):
        for kind in _subclasses(base):
            fault = kind.__new__(kind)
            Exception.__init__(fault, SECRET)
            yield fault


@pytest.mark.parametrize(
    "fault", [*_vendor_faults(), *_transport_faults()], ids=lambda fault: type(fault).__name__
)
def test_every_fault_becomes_one_of_ours(fault, caplog):
    with pytest.raises(GenerationError) as caught, translated_faults():
        raise fault

    assert caught.value.__suppress_context__
    assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text


def test_our_own_faults_pass():
    with pytest.raises(KeyError), translated_faults():
        raise KeyError


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_retry_after_in_seconds(value, seconds):
    assert retry_after(httpx2.Headers({"retry-after": value})) == seconds


def test_retry_after_as_a_date():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    waited = retry_after(httpx2.Headers({"retry-after": date}))

    assert waited == pytest.approx(60, abs=2)
