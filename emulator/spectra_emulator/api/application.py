"""The web application: routes, the renderer of errors, exact paths, cross-origin answers, the trail around all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from litestar import Litestar, Router
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, ExceptionHandler

from spectra_emulator.api.cross_origin import CrossOriginMiddleware
from spectra_emulator.api.error_links import ErrorLinks
from spectra_emulator.api.errors import rendered
from spectra_emulator.api.exact_paths import ExactPathMiddleware
from spectra_emulator.api.gateway import AwsGatewayMiddleware
from spectra_emulator.api.recorder import Recorder
from spectra_emulator.api.trail import TrailMiddleware


def application(
    versioned: Sequence[HTTPRouteHandler],
    others: Sequence[BaseRouteHandler],
    cors_origins: tuple[str, ...],
    recorder: Recorder | None = None,
    error_links: ErrorLinks | None = None,
    *,
    behind_aws_gateway: bool = False,
) -> ASGIApp:
    """Return the application; `versioned` routes hang under `/v1`, `recorder` hears of every call."""
    litestar = Litestar(
        route_handlers=[Router("/v1", route_handlers=versioned), *others],
        exception_handlers={Exception: cast("ExceptionHandler[Any]", rendered)},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    exact = ExactPathMiddleware(cast("ASGIApp", litestar))
    answering = CrossOriginMiddleware(exact, cors_origins)
    return TrailMiddleware(AwsGatewayMiddleware(answering) if behind_aws_gateway else answering, recorder, error_links)
