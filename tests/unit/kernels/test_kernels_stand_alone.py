"""No compiled function calls a kernel: kernels are kept without what a caller would inline."""

import ast
from pathlib import Path

import sim.kernels

TREES = [ast.parse(file.read_text()) for file in Path(sim.kernels.__file__).parent.glob("*.py")]


def name_of(node):
    """The last word of a name such as `kernel` or `decision.choose`."""
    return getattr(node, "id", None) or getattr(node, "attr", None)


def test_no_kernel_is_called_from_compiled_code():
    functions = [n for tree in TREES for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    kernels = {f.name for f in functions if "kernel" in map(name_of, f.decorator_list)}
    compiled = [f for f in functions if f.decorator_list]
    called = {
        name_of(node.func) for f in compiled for node in ast.walk(f) if isinstance(node, ast.Call)
    }
    assert len(kernels) > 5
    assert not kernels & called
