"""Large work is done in another process, small work in this one."""

import asyncio
import os
import signal
import threading

import pytest

from api.apart import LARGE, Apart
from api.documents import difference, written
from tests.api.samples import document


def where(word: str) -> tuple[int, int, str]:
    return os.getpid(), threading.get_ident(), word


def refuse() -> None:
    raise LookupError("nothing there")


def test_small_work_stays_and_large_work_leaves() -> None:
    apart = Apart()

    async def both() -> tuple[tuple[int, int, str], tuple[int, int, str]]:
        return await apart.run(LARGE - 1, where, "small"), await apart.run(LARGE, where, "large")

    small, large = asyncio.run(both())
    apart.close()
    assert (small[0], small[2]) == (os.getpid(), "small")
    assert small[1] != threading.get_ident()
    assert large[0] != os.getpid()
    assert large[2] == "large"


@pytest.mark.parametrize("size", [0, LARGE])
def test_an_error_comes_back_as_it_was(size: int) -> None:
    apart = Apart()
    with pytest.raises(LookupError, match="nothing there"):
        asyncio.run(apart.run(size, refuse))
    apart.close()


def test_work_goes_on_after_the_other_process_was_killed() -> None:
    apart = Apart()

    async def killed() -> tuple[int, int]:
        first = (await apart.run(LARGE, where, "first"))[0]
        os.kill(first, signal.SIGKILL)
        return first, (await apart.run(LARGE, where, "second"))[0]

    first, second = asyncio.run(killed())
    apart.close()
    assert first != second


def test_closing_twice_or_unused_is_no_matter() -> None:
    apart = Apart()
    apart.close()
    apart.close()


def test_what_is_done_apart_can_cross_to_another_process() -> None:
    import json
    import pickle

    stored = json.dumps(document()).encode()
    later = json.dumps(document("plan_2", departure="07:10:00")).encode()
    for work, args in ((written, (stored, "geojson")), (difference, (stored, later))):
        again, given = pickle.loads(pickle.dumps((work, args)))
        assert again(*given) == work(*args)
    assert difference(stored, later)["changes"] == {"retime": 1}
