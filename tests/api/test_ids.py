"""Ids sort by the time of their making and never repeat."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from api.ids import ALPHABET, ULID_DIGITS, Mint, base32, new_id


def test_an_id_says_what_it_names() -> None:
    prefix, _, digits = new_id("hold").partition("_")
    assert (prefix, len(digits)) == ("hold", ULID_DIGITS)
    assert set(digits) <= set(ALPHABET)


def test_ids_of_one_process_grow() -> None:
    made = [new_id("job") for _ in range(1_000)]
    assert made == sorted(made)
    assert len(set(made)) == 1_000


def test_ids_do_not_repeat_among_threads() -> None:
    mint = Mint()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: mint.new("x"), range(2_000)))
    assert len(set(made)) == 2_000


@given(st.integers(0, 2**128 - 1))
def test_base_32_reads_back(number: int) -> None:
    digits = base32(number, ULID_DIGITS)
    read = 0
    for digit in digits:
        read = read * 32 + ALPHABET.index(digit)
    assert read == number
