"""Everything under /_spectra/faults."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.fault_shapes import Reader, RuleBody, rule_shape
from spectra_emulator.control.plane import Plane
from spectra_emulator.domain.errors import NotFound
from spectra_emulator.services.faults import Faults


class RulesBody(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[RuleBody]


def fault_routes(plane: Plane, faults: Faults, reader: Reader) -> list[HTTPRouteHandler]:
    @get("/_spectra/faults", name="listFaults")
    async def list_faults(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        return json_reply(_shape(faults))

    @put("/_spectra/faults", name="replaceFaults")
    async def replace_faults(request: AnyRequest) -> ASGIResponse:
        body = await plane.body(request, RulesBody)
        faults.replace([reader.rule(each) for each in body.rules])
        return json_reply(_shape(faults))

    @post("/_spectra/faults", name="addFault")
    async def add_fault(request: AnyRequest) -> ASGIResponse:
        rule = reader.rule(await plane.body(request, RuleBody))
        faults.add([rule])
        added = next(each for each in faults.in_force() if each.rule.id == rule.id)
        return json_reply(rule_shape(added), status=201)

    @delete("/_spectra/faults", name="removeFaults", status_code=200)
    async def remove_faults(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        faults.replace([])
        return json_reply(_shape(faults))

    @delete("/_spectra/faults/{rule_id:str}", name="removeFault", status_code=200)
    async def remove_fault(request: AnyRequest, rule_id: str) -> ASGIResponse:
        plane.check(request)
        if not faults.remove(rule_id):
            raise NotFound("There is no fault rule of that id", rule_id=rule_id)
        return json_reply(_shape(faults))

    return [list_faults, replace_faults, add_fault, remove_faults, remove_fault]


def _shape(faults: Faults) -> dict[str, Any]:
    return {"rules": [rule_shape(each) for each in faults.in_force()]}
