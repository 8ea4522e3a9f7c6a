"""Hash functions, computed by the engine on the bytes of their argument.

Source: "Hash functions", "CHECKSUM function"; the public FNV-1a, CRC-32C and MurmurHash3 definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spectra_emulator.sql.calls import Call
from spectra_emulator.sql.digests import PROVIDED_BITS, engine_name
from spectra_emulator.sql.refusals import invalid, unsupported
from spectra_emulator.sql.rewrites.casts import as_type
from spectra_emulator.sql.rewrites.context import Context, Function, failing, integer_literal
from spectra_emulator.sql.rewrites.farm import fingerprint
from spectra_emulator.sql.rewrites.octets import bound, hex_of, octets_of
from spectra_emulator.sql.type_names import BIGINT, INTEGER, INTEGERS, MAX_PRECISION, VARCHAR, SqlType

FNV_OFFSET = 14695981039346656037
FNV_PRIME = 1099511628211
CRC_POLYNOMIAL = 0x82F63B78
CRC_BITS = 8
WORD = 2**32
LONG = 2**64
CHECKSUM_DIGITS = 18
INTEGER_OCTETS = {"SMALLINT": 2, "INTEGER": 4, "BIGINT": 8}
SHA2_FUNCTIONS: Mapping[int, str] = {0: "sha256", 256: "sha256", **{bits: engine_name(bits) for bits in PROVIDED_BITS}}
"""By the number of bits; 0 stands for 256."""


def fixed(result: SqlType) -> Callable[[Context, Call], SqlType]:
    return lambda _context, _call: result


def hashed_bytes(context: Context, call: Call) -> str:
    """Return the first argument as text or bytes, whichever it is.

    Raises: InvalidSql for what is neither.
    """
    argument = call.arguments[0]
    kind = context.type(argument)
    if kind.name == "VARBYTE":
        return context.text(argument)
    if not kind.is_string:
        raise invalid(call.node, f"function {call.name}({kind.name.lower()}) does not exist", "42883")
    return as_type(context, argument, VARCHAR)


def digest(duckdb_name: str) -> Callable[[Context, Call], str]:
    return lambda context, call: f"{duckdb_name}({hashed_bytes(context, call)})"


def sha2_text(context: Context, call: Call) -> str:
    """Hash with as many bits as a literal says; a number that no SHA-2 has gives an empty string."""
    bits = integer_literal(call.arguments[1])
    if bits is None:
        raise unsupported(call.node, "SHA2 with a number of bits that is no literal")
    text = hashed_bytes(context, call)
    name = SHA2_FUNCTIONS.get(bits)
    if name is None:
        return f"CASE WHEN {text} IS NOT NULL THEN '' END"
    return f"{name}({text})" if name == "sha256" else f"{name}({as_octets(context, call, text)})"


def as_octets(context: Context, call: Call, text: str) -> str:
    return text if context.type(call.arguments[0]).name == "VARBYTE" else f"encode({text})"


def crc_step(remainder: int) -> int:
    for _ in range(CRC_BITS):
        remainder = (remainder >> 1) ^ (CRC_POLYNOMIAL if remainder & 1 else 0)
    return remainder


CRC_TABLE = ", ".join(str(crc_step(octet)) for octet in range(256))


def crc32_text(context: Context, call: Call) -> str:
    entry = "table_of[CAST(xor(crc, octet) & 255 AS BIGINT) + 1]"
    step = f"lambda crc, octet: xor(crc >> 8, {entry})"
    octets = octets_of(hashed_bytes(context, call), "UBIGINT")
    last = f"list_reduce({octets}, {step}, {WORD - 1}::UBIGINT)"
    return bound("table_of", f"[{CRC_TABLE}]::UBIGINT[]", f"lower(printf('%08x', xor({last}, {WORD - 1}::UBIGINT)))")


def integer_octets(text: str, size: int) -> str:
    """Return a whole number's bytes, the least significant first, as a list of UHUGEINT."""
    number = f"CAST(CAST({text} AS HUGEINT) + CASE WHEN {text} < 0 THEN {256**size}::HUGEINT ELSE 0 END AS UHUGEINT)"
    return f"list_transform(range({size}), lambda place: ({number} >> CAST(place * 8 AS UHUGEINT)) & 255::UHUGEINT)"


def value_octets(context: Context, call: Call, sizes: Mapping[str, int]) -> str:
    """Return the bytes that a value is hashed as; NULL for a NULL."""
    argument = call.arguments[0]
    kind = context.type(argument)
    if kind.name == "VARBYTE" or kind.is_string:
        return octets_of(hashed_bytes(context, call), "UHUGEINT")
    if kind.name not in sizes:
        raise unsupported(call.node, f"{call.name} of {kind.text}")
    text = context.text(argument)
    return f"CASE WHEN {text} IS NOT NULL THEN {integer_octets(text, sizes[kind.name])} END"


def signed(text: str, size: int) -> str:
    """Return an unsigned number of `size` bytes as the signed one of the same bits."""
    half, whole = 2 ** (8 * size - 1), 2 ** (8 * size)
    kind = "INTEGER" if size == INTEGER_OCTETS["INTEGER"] else "BIGINT"
    shifted = f"CAST(unsigned AS HUGEINT) - CASE WHEN unsigned >= {half}::UHUGEINT THEN {whole}::HUGEINT ELSE 0 END"
    return bound("unsigned", f"CAST({text} AS UHUGEINT)", f"CAST({shifted} AS {kind})")


def seed_text(context: Context, call: Call, default: int, size: int) -> str:
    """Return the seed as an unsigned number."""
    if len(call.arguments) == 1:
        return f"{default}::UHUGEINT"
    argument = call.arguments[1]
    if not context.type(argument).is_integer:
        raise invalid(call.node, f"the seed of {call.name} must be a whole number", "42883")
    seed = as_type(context, argument, BIGINT)
    wrapped = f"CAST({seed} AS HUGEINT) + CASE WHEN {seed} < 0 THEN {256**size}::HUGEINT ELSE 0 END"
    return f"CAST({wrapped} AS UHUGEINT)"


def fnv_text(context: Context, call: Call) -> str:
    """Hash with FNV-1a of 64 bits; a NULL leaves the seed as it is."""
    seed = seed_text(context, call, FNV_OFFSET, 8)
    octets = value_octets(context, call, INTEGER_OCTETS)
    step = f"lambda hash, octet: (xor(hash, octet) * {FNV_PRIME}::UHUGEINT) & {LONG - 1}::UHUGEINT"
    return signed(f"COALESCE(list_reduce({octets}, {step}, {seed}), {seed})", 8)


def rotated(text: str, count: int) -> str:
    return f"((({text} << {count}::UHUGEINT) | ({text} >> {32 - count}::UHUGEINT)) & {WORD - 1}::UHUGEINT)"


def times(text: str, factor: int) -> str:
    return f"(({text} * {factor}::UHUGEINT) & {WORD - 1}::UHUGEINT)"


def murmur_mixed(text: str) -> str:
    return bound("scaled", times(text, 0xCC9E2D51), times(rotated("scaled", 15), 0x1B873593))


def murmur_finished(text: str) -> str:
    first = bound("a", text, times("xor(a, a >> 16::UHUGEINT)", 0x85EBCA6B))
    second = bound("b", first, times("xor(b, b >> 13::UHUGEINT)", 0xC2B2AE35))
    return bound("c", second, "xor(c, c >> 16::UHUGEINT)")


def murmur_text(context: Context, call: Call) -> str:
    """Hash with MurmurHash3 of 32 bits; every whole number counts as one of eight bytes."""
    seed = seed_text(context, call, 0, 4)
    octets = value_octets(context, call, dict.fromkeys(INTEGERS, 8))
    word = "octets[i + 1] | (octets[i + 2] << 8::UHUGEINT) | (octets[i + 3] << 16::UHUGEINT)"
    word = f"({word} | (octets[i + 4] << 24::UHUGEINT))"
    blocks = f"list_transform(range(0, len(octets) - len(octets) % 4, 4), lambda i: {murmur_mixed(word)})"
    mixed = rotated("xor(hash, block)", 13)
    step = f"lambda hash, block: ({mixed} * 5::UHUGEINT + {0xE6546B64}::UHUGEINT) & {WORD - 1}::UHUGEINT"
    body = f"list_reduce({blocks}, {step}, {seed})"
    rest = "octets[len(octets) - len(octets) % 4 + 1 :]"
    tail = f"list_reduce(list_reverse({rest}), lambda word, octet: (word << 8::UHUGEINT) | octet, 0::UHUGEINT)"
    final = murmur_finished(f"xor(xor({body}, {murmur_mixed(tail)}), CAST(len(octets) AS UHUGEINT))")
    return bound("octets", octets, f"CASE WHEN octets IS NOT NULL THEN {signed(final, 4)} END")


def checksum_type(context: Context, call: Call) -> SqlType:
    """Return INTEGER for what the guide shows the CHECKSUM of, DECIMALs of 64 bits.

    Raises: InvalidSql.
    """
    kind = context.type(call.arguments[0])
    if kind.name == "DECIMAL" and (kind.size or MAX_PRECISION) <= CHECKSUM_DIGITS:
        return INTEGER
    if kind.is_string or kind.is_integer or kind.name == "DECIMAL":
        raise unsupported(call.node, f"CHECKSUM of {kind.text}, which the guide does not show,")
    raise invalid(call.node, f"function checksum({kind.name.lower()}) does not exist", "42883")


def checksum_text(context: Context, call: Call) -> str:
    """Return a number's digits without its point, as the guide's example shows; what it does not show is refused."""
    kind = context.type(call.arguments[0])
    stored = f"(CAST({context.text(call.arguments[0])} AS DECIMAL(38,{kind.scale})) * {10**kind.scale})"
    message = "CHECKSUM of a number that is negative or beyond 31 bits is not supported by the emulator"
    return failing(f"{stored} NOT BETWEEN 0 AND {2**31 - 1}", message, f"CAST({stored} AS INTEGER)")


def farm_text(context: Context, call: Call) -> str:
    return signed(fingerprint(hex_of(hashed_bytes(context, call))), 8)


AS_VARCHAR = fixed(VARCHAR)
FARM = Function(fixed(BIGINT), farm_text)
FUNCTIONS: Mapping[str, Function] = {
    "md5": Function(AS_VARCHAR, digest("md5")),
    **dict.fromkeys(("sha", "sha1", "func_sha1"), Function(AS_VARCHAR, digest("sha1"))),
    "sha2": Function(AS_VARCHAR, sha2_text, 2, 2),
    "crc32": Function(AS_VARCHAR, crc32_text),
    "checksum": Function(checksum_type, checksum_text),
    "fnv_hash": Function(fixed(BIGINT), fnv_text, 1, 2),
    "murmur3_32_hash": Function(fixed(INTEGER), murmur_text, 1, 2),
    **dict.fromkeys(("farmfingerprint64", "farm_fingerprint64"), FARM),
}
