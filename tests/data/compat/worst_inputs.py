"""Read the worst files that could be thought of, in a thread with a small stack, and print how many.

A program of its own, run by the tests in a child process: a crash of the interpreter would be seen.
"""

import random
import resource
import threading
from collections.abc import Iterator

from registry.sources.compat import find_flag
from registry.sources.compat.packaging_files import from_pyproject, from_setup_cfg, from_setup_py

FLAG = "__plugin_pythoncompat__"
GROUP = "octoprint.plugin"
# fmt: off
UNITS = [
    "(", "[", "{", "([{", ")", "-", "~", "not ", "lambda:", "lambda a,b:", "a.", "a(", "a[", "a+", "2**",
    "a,",
    "1 if 1 else ", "a and ", "await ", "a<", '"" ', 'f"{', "f'{f\"{", 'f"{{', "*", ":", "a;", "a=", "(a:=",
    "\\\n", "\\", '"', '"""', "'", "#", "\r", "\f", "\0", "\t", "\n", "`", "[x for x in ", "(yield ",
    "@a\n", "@", "def f():\n", "if a:\n ", "elif a:\n x=1\n", "else:\n x\n", "a\n", "a=1\n", "-\n", "a+\n",
    "try:\n x=1\nexcept:\n x=2\n", "from .a import *\n", "from ....a import b\n", "2**\n", "a\n.b", "(\n",
    "class A:\n", "x+=x\n", "{1:", "a[1:", "print a,\n", "with a:\n ", "while a:\n x=1\n", "del a\n", "a[0]",
    "[a]\n", "(1,2)", "a+\\\n", "\xe9", "\U0001f600", "9", "1e", "_", FLAG + " ", FLAG + "=", "'''a'''\n",
    "match a:\n case 1:\n  x=1\n", "a.a=1\n", "a={b=", '"a".', "[[a.b]]\n", "a-", "%s", "{0}", "a:b\n",
]
# fmt: on


def fill(unit: str, size: int) -> str:
    """Return `unit` again and again, cut to `size` characters."""
    return (unit * (size // len(unit) + 1))[:size]


def texts() -> Iterator[str]:
    """Yield the files."""
    for unit in UNITS:
        yield FLAG + " = " + fill(unit, 5_000)
        yield fill(unit, 4_000) + "\n" + FLAG + ' = ">=3"\n'
        yield FLAG + " = " + fill(unit, 1_400) + "\n"
        yield FLAG + " = (" + fill(unit, 8_000) + "\n)\n"
        yield FLAG + ' = f"{' + fill(unit, 1_300) + '}"\n'
        yield "if a:\n x = " + fill(unit, 6_000) + "\n " + FLAG + ' = ">=3"\n'
    for unit in ("print a,\n", "a+\n", "-\n", "[a]\n", "(1,2)", ".a\n", "a,", "lambda:", "2**", "not "):
        yield FLAG + " = (a" + fill(unit, 31_000) + "\n)\n"
    for unit in ("a\n", "(\n", "x+=x\n"):
        yield fill(unit, 990_000) + "\n" + FLAG + " = a + x\n"
    yield "".join(" " * i + "if a:\n" for i in range(1_200)) + " " * 1_200 + FLAG + '=">=3"'
    yield "".join(" " * (i % 40) + "if True:\n" for i in range(9_000))
    yield "if a:\n x=1\n" + "elif a:\n x=1\n" * 9_000 + "else:\n " + FLAG + '=">=3"\n'
    for start, step in (
        ("x='a'", "x=x+x"),
        ("x='%s%s'", "x=x%(x,x)"),
        ("x=[1]", "x=[x,x]"),
        ("x={}", "x={1:x}"),
    ):
        yield start + "\n" + (step + "\n") * 900 + FLAG + "=str(x)\n"
        yield start + "\n" + (step + "\n") * 8 + "z=x==x\n" * 1_500 + FLAG + '=">=3" if z else ""\n'
    yield "def f(a):\n return f(a) + f(a)\n" + FLAG + "=f(1)\n"
    yield "".join(" " * i + f'for x{i} in "12345678":\n' for i in range(20)) + " " * 20 + FLAG + '=">=3"\n'
    for value in (
        '"{:>1000000000}".format(1)',
        '"%1000000000s" % 1',
        'f"{1:>1000000000}"',
        '">=3" * 10**9',
        "9**9**9**9",
        "1 << 9999999999",
        "9" * 5_000,
        'int("9" * 4000)',
        '"a".replace("a", "b" * 4000)',
        '"{0[0]}".format([1])',
        '"{0.__class__.__mro__}".format("")',
        '",".join("a" * 4000 for x in "a" * 4000)',
        '"a".zfill(10**9)',
        '"a".center(10**9)',
        '"%*d" % (10**9, 1)',
        '"\\N{' + "A" * 1_000 + '}"',
        "b'' " * 9_000,
    ):
        yield FLAG + " = " + value + "\n"
    yield "".join(f"a{i}=1\n" for i in range(1_500)) + "b=locals()\n" * 400 + FLAG + "=b\n"
    yield "".join(f"a{i}=a{i + 1}\n" for i in range(1_900)) + FLAG + "=a0\n"
    yield "".join(f"def f{i}(): return f{i + 1}()\n" for i in range(900)) + FLAG + "=f0()\n"
    random.seed(1)
    for _ in range(100):
        yield "".join(random.choices(UNITS, k=random.randrange(1, 400))) + "\n" + FLAG + ' = ">=3"\n'


def main() -> None:
    """Read them all."""
    read = 0
    for text in texts():
        find_flag(text, "a.py", FLAG)
        packaging = text[:128_000].replace(FLAG, "plugin_package")
        from_setup_py(packaging, "x", "octoprint_", GROUP)
        from_pyproject(
            f'[project.entry-points."{GROUP}"]\nx = {packaging[:20_000]}', "x", "octoprint_", GROUP
        )
        from_setup_cfg(f"[options.entry_points]\n{packaging}", "x", "octoprint_", GROUP)
        read += 1
    print(read, "read")


# A hang ends by SIGXCPU, a leak by MemoryError: bounds of the machine, not of the clock.
resource.setrlimit(resource.RLIMIT_CPU, (240, 240))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
# A Mac gives a thread 512 kB of stack; what passes here passes everywhere.
threading.stack_size(512 * 1024)
thread = threading.Thread(target=main)
thread.start()
thread.join()
