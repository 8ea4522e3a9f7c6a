"""FarmHash's Fingerprint64 as an expression over UHUGEINT.

Every number computed is appended to a list, so that the expression grows by a step and not by a level.

Source: the published definition of FarmHash, `farmhashna::Hash64`.
"""

from __future__ import annotations

from collections.abc import Sequence

from spectra_emulator.sql.rewrites.octets import bound

K0 = 0xC3A5C85C97CB3127
K1 = 0xB492B66FBE98F273
K2 = 0x9AE16A3B2F90404F
WHOLE = 2**64
SEED = 81
Y_SEED = (SEED * K1 + 113) % WHOLE
MIXED_SEED = (Y_SEED * K2 + 113) % WHOLE
Z_SEED = ((MIXED_SEED ^ (MIXED_SEED >> 47)) * K2) % WHOLE
SIZE = "CAST(size AS UHUGEINT)"

Pair = tuple[str, str]
State = tuple[str, str, str, Pair, Pair]
"""x, y, z, v and w."""


def number(value: int) -> str:
    return f"{value}::UHUGEINT"


def wrapped(text: str) -> str:
    return f"(({text}) & {number(WHOLE - 1)})"


def product(left: str, right: str) -> str:
    return wrapped(f"({left}) * ({right})")


def total(*terms: str) -> str:
    return wrapped(" + ".join(terms))


def fetched(offset: str, octets: int = 8) -> str:
    """Return the little-endian number at `offset`; `backward` holds the bytes in reverse as hexadecimal digits."""
    start = f"2 * (size - ({offset})) - {2 * octets - 1}"
    return f"CAST(CAST('0x' || substring(backward, {start}, {2 * octets}) AS UBIGINT) AS UHUGEINT)"


class Steps:
    """Numbers computed one after another, each known by its place."""

    def __init__(self, first: str = "[0::UHUGEINT]", taken: int = 1) -> None:
        self.text = f"[{first}]"
        self.taken = taken

    def kept(self, value: str) -> str:
        """Compute a value once and return its name for later steps."""
        self.text = f"list_transform({self.text}, lambda s: list_append(s, {value}))"
        self.taken += 1
        return f"s[{self.taken}]"

    def last(self, value: str) -> str:
        """Return the expression of a value, made of the steps so far."""
        return f"list_transform({self.text}, lambda s: {value})[1]"

    def rotation(self, text: str, count: int) -> str:
        name = self.kept(text)
        return self.kept(wrapped(f"({name} >> {number(count)}) | ({name} << {number(64 - count)})"))

    def shift_mix(self, text: str) -> str:
        name = self.kept(text)
        return f"xor({name}, {name} >> {number(47)})"

    def mixed(self, left: str, right: str, factor: str) -> str:
        """Return HashLen16 of two numbers."""
        v = self.kept(right)
        first = self.shift_mix(product(f"xor({left}, {v})", factor))
        second = self.shift_mix(product(f"xor({v}, {first})", factor))
        return self.kept(product(second, factor))

    def weak_pair(self, place: str, first: str, second: str) -> Pair:
        """Return WeakHashLen32WithSeeds of the 32 bytes from `place` on."""
        words = [fetched(f"{place} + {8 * index}") for index in range(4)]
        start = self.kept(total(first, words[0]))
        turned = self.rotation(total(second, start, words[3]), 21)
        summed = self.kept(total(start, words[1], words[2]))
        other = self.rotation(summed, 44)
        return self.kept(total(summed, words[3])), self.kept(total(turned, other, start))

    def round(self, place: str, factor: str, state: State, weight: int) -> State:
        """Return the state after one round over the 64 bytes from `place` on."""
        x, y, z, v, w = state
        x = self.rotation(total(x, y, v[0], fetched(f"{place} + 8")), 37)
        y = self.rotation(total(y, v[1], fetched(f"{place} + 48")), 42)
        x = self.kept(f"xor({product(x, factor)}, {product(w[1], number(weight))})")
        weighted = product(v[0], number(weight))
        y = self.kept(total(product(y, factor), weighted, fetched(f"{place} + 40")))
        z = self.kept(product(self.rotation(total(z, w[0]), 33), factor))
        v = self.weak_pair(place, product(v[1], factor), total(x, w[0]))
        w = self.weak_pair(f"{place} + 32", total(z, w[1]), total(y, fetched(f"{place} + 16")))
        return z, y, x, v, w


def up_to_three() -> str:
    steps = Steps()
    y = f"{fetched('0', 1)} + ({fetched('size // 2', 1)} << {number(8)})"
    z = f"{SIZE} + ({fetched('size - 1', 1)} << {number(2)})"
    both = steps.shift_mix(f"xor({product(y, number(K2))}, {product(z, number(K0))})")
    return steps.last(product(both, number(K2)))


def with_factor() -> tuple[Steps, str]:
    steps = Steps()
    return steps, steps.kept(total(number(K2), f"{SIZE} * 2::UHUGEINT"))


def up_to_seven() -> str:
    steps, factor = with_factor()
    first = total(SIZE, f"({fetched('0', 4)} << {number(3)})")
    return steps.last(steps.mixed(first, fetched("size - 4", 4), factor))


def up_to_sixteen() -> str:
    steps, factor = with_factor()
    a = steps.kept(total(fetched("0"), number(K2)))
    b = steps.kept(fetched("size - 8"))
    c = total(product(steps.rotation(b, 37), factor), a)
    d = product(total(steps.rotation(a, 25), b), factor)
    return steps.last(steps.mixed(c, d, factor))


def ends(first: int) -> tuple[Steps, str, tuple[str, str], tuple[str, str]]:
    """Return what both lengths from 17 on begin with: the factor, the first words, and two sums of the ends."""
    steps, factor = with_factor()
    a = steps.kept(product(fetched("0"), number(first)))
    b = steps.kept(fetched("8"))
    c = steps.kept(product(fetched("size - 8"), factor))
    d = product(fetched("size - 16"), number(K2))
    outer = steps.kept(total(steps.rotation(total(a, b), 43), steps.rotation(c, 30), d))
    inner = steps.kept(total(a, steps.rotation(total(b, number(K2)), 18), c))
    return steps, factor, (a, b), (outer, inner)


def up_to_thirty_two() -> str:
    steps, factor, _, sums = ends(K1)
    return steps.last(steps.mixed(*sums, factor))


def up_to_sixty_four() -> str:
    steps, factor, (a, _), (y, inner) = ends(K2)
    z = steps.mixed(y, inner, factor)
    e = steps.kept(product(fetched("16"), factor))
    f = steps.kept(fetched("24"))
    g = steps.kept(product(total(y, fetched("size - 32")), factor))
    h = steps.kept(product(total(z, fetched("size - 24")), factor))
    first = total(steps.rotation(total(e, f), 43), steps.rotation(g, 30), h)
    return steps.last(steps.mixed(first, total(e, steps.rotation(total(f, a), 18), g), factor))


def state_in(name: str) -> State:
    x, y, z, *pairs = (f"{name}[{index}]" for index in range(1, 8))
    return x, y, z, (pairs[0], pairs[1]), (pairs[2], pairs[3])


def listed(state: State) -> Sequence[str]:
    x, y, z, v, w = state
    return [x, y, z, *v, *w]


def looped() -> str:
    """Return the state after all rounds but the last."""
    steps = Steps("state", 7)
    step = steps.last(f"[{', '.join(listed(steps.round('CAST(place[1] AS BIGINT)', number(K1), state_in('s'), 1)))}]")
    start = f"{total(product(number(SEED), number(K2)), fetched('0'))}, {number(Y_SEED)}, {number(Z_SEED)}"
    places = "list_transform(range(0, (size - 1) // 64 * 64, 64), lambda i: [CAST(i AS UHUGEINT)])"
    return f"list_reduce({places}, lambda state, place: {step}, [{start}, {', '.join([number(0)] * 4)}])"


def beyond_sixty_four() -> str:
    steps = Steps(looped(), 7)
    x, y, z, v, w = state_in("s")
    factor = steps.kept(total(number(K1), f"(({z} & {number(255)}) << {number(1)})"))
    w = (steps.kept(total(w[0], "CAST((size - 1) % 64 AS UHUGEINT)")), w[1])
    v = (steps.kept(total(v[0], w[0])), v[1])
    w = (steps.kept(total(w[0], v[0])), w[1])
    x, y, z, v, w = steps.round("size - 64", factor, (x, y, z, v, w), 9)
    first = total(steps.mixed(v[0], w[0], factor), product(steps.shift_mix(y), number(K0)), z)
    return steps.last(steps.mixed(first, total(steps.mixed(v[1], w[1], factor), x), factor))


LENGTHS = (
    ("= 0", number(K2)),
    ("< 4", up_to_three()),
    ("< 8", up_to_seven()),
    ("<= 16", up_to_sixteen()),
    ("<= 32", up_to_thirty_two()),
    ("<= 64", up_to_sixty_four()),
    ("> 64", beyond_sixty_four()),
)
"""The expression for each number of bytes, the first that fits."""


def fingerprint(digits: str) -> str:
    """Return the fingerprint, not negative, of the bytes that hexadecimal `digits` spell."""
    cases = " ".join(f"WHEN size {test} THEN {text}" for test, text in LENGTHS)
    backward = "array_to_string(list_reverse(regexp_extract_all(forward, '..')), '')"
    chosen = bound("size", "length(forward) // 2", bound("backward", backward, f"CASE {cases} END"))
    return bound("forward", digits, chosen)
