"""Let tests share hand-made cases (``tests.cases``) however pytest is started, and time none of their examples."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))

# A busy machine or a first compilation makes an example slow, never wrong.
settings.register_profile("patient", parent=settings.default, deadline=None)
settings.load_profile("patient")
