"""Archives are the same bytes for the same files."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from routing.formats.zipped import zip_bytes
from tests.formats.unhurried import UNHURRIED

NAMES = st.text("abc/._", min_size=1, max_size=8).filter(lambda name: not name.endswith("/"))


@UNHURRIED
@given(files=st.dictionaries(NAMES, st.binary(max_size=50), max_size=5))
def test_files_come_back_in_order_and_without_a_clock(files: dict[str, bytes]) -> None:
    content = zip_bytes(files)
    assert zip_bytes(files) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        assert [archive.read(name) for name in files] == list(files.values())
        assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in archive.infolist())


def test_unpacked_files_can_be_read_by_everybody() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_bytes({"a": b"1"}))) as archive:
        assert archive.getinfo("a").external_attr >> 16 == 0o100644
