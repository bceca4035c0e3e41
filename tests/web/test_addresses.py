"""Addresses that are kept or sent back lead to pages of the case and nowhere else."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.hostile import PAYLOADS

from chatforensics.errors import UsageError
from chatforensics.web.addresses import LONGEST, check_address, return_address

GOOD = (
    "/",
    "/?page=2#flag",
    "/search?words=ward+meeting&chat=c1&page=2#day-2025-01-05",
    "/message/123?around=20",
    "/documents/3/page",
    "/views#families?x=1",
)
BAD = (
    "",
    "search",
    "//evil.test/",
    "/\\evil.test/",
    "https://evil.test/search",
    "javascript:alert(1)",
    "/search/../../x",
    "/..",
    "/search?back=//evil.test",
    "/search\r\nset-cookie: a=b",
    "/nowhere",
    "/searching",
    "/assets/page.js",
    "/cases",
    " /search",
    "/search?words=" + "x" * LONGEST,
    "/search?words=a b",
    "/search%2f..%2f..",
)


@pytest.mark.parametrize("address", GOOD)
def test_an_address_of_a_page_of_the_case_is_kept_as_it_is(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize("address", [*BAD, *PAYLOADS])
def test_any_other_address_is_refused_and_a_form_goes_back_elsewhere(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)
    assert return_address(address, otherwise="/notes") == "/notes"


@settings(max_examples=60)
@given(st.text(st.sampled_from("/\\.:?#@%5eca search\r\n\t\u2028[]"), max_size=12).map("/search".__add__))
def test_no_address_that_is_taken_leaves_the_case(address: str) -> None:
    base = "http://127.0.0.1:8000/key/c/ward"
    taken = return_address(address, otherwise="/")
    led = urlsplit(urljoin(f"{base}/", base + taken))
    assert (led.scheme, led.netloc) == ("http", "127.0.0.1:8000")
    assert led.path.startswith("/key/c/ward/")
