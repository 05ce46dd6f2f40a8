"""Compiled functions: two decorators, and a cache that never serves stale code.

Numba keys its on-disk cache by the file of the compiled function alone, so an edit in a callee's
file would go unseen. Here the cache folder is named by a hash of all sources of the room.

Numba also optimises every function together with all that it calls, and makes machine code of that, before it
goes on with the caller: what lies five calls deep is optimised five times, and only the last time counts. What
only compiled code calls (`internal`) is therefore handed to its callers as it is, and optimised once, with the
function that Python calls. This leans on Numba's insides, as its own guide to custom compilers does.
"""

# mypy: allow-untyped-calls, allow-subclassing-any

import gc
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs
from llvmlite.binding import Linkage  # type: ignore[import-untyped]
from numba import _dynfunc  # type: ignore[attr-defined]
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

F = TypeVar("F", bound=Callable[..., Any])

YOUNG_OBJECTS = 50_000
"""Objects made between two collections of garbage while a function is compiled; Python's 700 took a tenth of the
time, and this takes 30 MB more."""


@lru_cache
def cache_folder(room: Path) -> Path:
    """Return the folder that holds the machine code of this version of a room's sources.

    Parameters
    ----------
    room : Path
        Folder of the sources; compiled functions call only others of the same room.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in (Path(__file__), *sorted(room.glob("*.py"))):
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_dir("banche")
    return Path(base) / f"numba-{room.name}-{digest.hexdigest()[:12]}"


def compiled(function: F, room: Path | None = None) -> F:
    """Compile a function to machine code that releases the interpreter lock and is cached on disk.

    Parameters
    ----------
    room : Path or None
        Folder of the sources that the function calls, if it is not the function's own.
    """
    folder = cache_folder(room or Path(function.__code__.co_filename).parent)
    folder.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - numba's settings are made at run time
    return cast("F", numba.njit(cache=True, nogil=True, pipeline_class=_Whole)(function))


def internal(function: F) -> F:
    """Compile a function that only compiled functions call, as a part of each one that Python calls.

    It may not print: what Numba needs for that is known for functions that Python calls alone.
    """
    dispatcher = cast("Any", numba.njit(pipeline_class=_Part)(function))
    dispatcher.targetoptions.update(no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return cast("F", dispatcher)


class _Whole(Compiler):
    """Numba's own way, with fewer collections of garbage."""

    def compile_extra(self, func: Callable[..., Any]) -> Any:
        with _seldom_collected():
            return super().compile_extra(func)

    def define_pipelines(self) -> list[Any]:
        return [_with_step(self.state, _Join)]


class _Part(Compiler):
    """Numba's own way up to LLVM's language, and no further."""

    def define_pipelines(self) -> list[Any]:
        return [_with_step(self.state, _Hand)]


def _with_step(state: Any, lowering: type[NativeLowering]) -> Any:
    manager = DefaultPassBuilder.define_nopython_pipeline(state)
    manager.passes = [(lowering if step is NativeLowering else step, about) for step, about in manager.passes]
    manager.finalize()
    return manager


@register_pass(mutates_CFG=True, analysis_only=False)
class _Hand(NativeLowering):
    """Lower a function, and hand it to its callers together with all that it calls."""

    _name = "hand_to_callers"

    def run_pass(self, state: Any) -> bool:
        library = state.library = _Loose(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state.cr
        described = lowered.fndesc
        # Callers know a function by an object that Python could call; behind this one there is no machine code.
        name = _dynfunc.make_function(described.lookup_module(), described.qualname, "", 0, lowered.env, (library,))
        below = dict.fromkeys(library._linking_libraries)  # noqa: SLF001 - nothing public tells them
        state.targetctx.insert_user_function(name, described, [library, *below])
        state.cr = lowered._replace(cfunc=name)
        return True


class _Loose(JITCodeLibrary):
    """A function that is neither linked with what it calls, nor optimised with it, nor made machine code."""

    def finalize(self) -> None:
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _Join(NativeLowering):
    """Lower a function, and join it with all that it calls before it is optimised."""

    _name = "join_what_is_called"

    def run_pass(self, state: Any) -> bool:
        state.library = _Joined(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


class _Joined(JITCodeLibrary):
    """A function linked with what it calls, however far below, in whichever order that was compiled."""

    def finalize(self) -> None:
        own = {f.name for f in self._final_module.functions if not f.is_declaration}
        # What nothing linked so far needs is left out, so a function linked later may still miss it.
        missing: set[str] | None = None
        while (left := {f.name for f in self._final_module.functions if f.is_declaration}) != missing:
            missing = left
            for library in dict.fromkeys(self._linking_libraries):
                self._final_module.link_in(library._get_module_for_linking(), preserve=True)  # noqa: SLF001
        # Nobody else calls what was linked in, so that it may be called in any way, and not be kept once inlined.
        for function in self._final_module.functions:
            if not function.is_declaration and function.name not in own:
                function.linkage = Linkage.internal
        super().finalize()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Collect garbage less often for a while; one thread at a time compiles, so none undoes what another does."""
    before = gc.get_threshold()
    gc.set_threshold(max(YOUNG_OBJECTS, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
