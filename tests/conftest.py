"""Let tests share hand-made cases (``tests.cases``) however pytest is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
