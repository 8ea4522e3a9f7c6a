"""What a rule's match fits, over calls of any kind."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from spectra_emulator.domain.faults import Call, Match

WORDS = st.sampled_from(["", "executeQuery", "tenant-1", "SELECT 1", "x-name", "job-1"])
CALLS = st.builds(Call, WORDS, WORDS, st.dictionaries(st.sampled_from(["x-name", "x-other"]), WORDS), WORDS, WORDS)
MATCHES = st.builds(
    Match,
    operation=st.none() | WORDS,
    tenant_id=st.none() | WORDS,
    header_name=st.none() | st.sampled_from(["X-Name", "x-other"]),
    header_value=st.none() | WORDS,
    sql=st.none() | WORDS,
    job_id=st.none() | WORDS,
)
MEMBERS = ("operation", "tenant_id", "header_name", "sql", "job_id")


@given(CALLS)
def test_an_empty_match_fits_every_call(call: Call) -> None:
    assert Match().fits(call)


@given(CALLS)
def test_a_call_fits_the_match_made_of_it(call: Call) -> None:
    assert Match(call.operation, call.tenant_id, None, None, call.sql.upper(), call.job_id).fits(call)


@given(MATCHES, CALLS, st.sampled_from(MEMBERS))
def test_a_member_taken_away_lets_no_fewer_calls_fit(match: Match, call: Call, member: str) -> None:
    assert not match.fits(call) or replace(match, **{member: None}).fits(call)


@given(MATCHES, CALLS)
def test_a_match_fits_where_each_member_alone_does(match: Match, call: Call) -> None:
    alone = [
        Match(operation=match.operation),
        Match(tenant_id=match.tenant_id),
        Match(header_name=match.header_name, header_value=match.header_value),
        Match(sql=match.sql),
        Match(job_id=match.job_id),
    ]

    assert match.fits(call) == all(each.fits(call) for each in alone)
