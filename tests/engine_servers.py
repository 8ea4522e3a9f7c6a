"""The whole server in front of each engine, for tests that hold whichever of them runs the SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import boto3
from spectra_emulator.domain.errors import SpectraError
from spectra_emulator.sql.parsing import parse_script

from tests.ceph import RealS3
from tests.credentials import JWT_SECRET
from tests.dataapi.acted import USER, ActedRedshift, acted_redshift
from tests.dataapi.server import data_api_server
from tests.emulator import DEMO_FIXTURES, OWN_FIXTURES, TENANT, Answer, Emulator, Emulators
from tests.moto_s3 import running_moto, s3_client, s3_environment, s3_flags
from tests.redshift.acted_wire import ActedWire
from tests.redshift.certificates import certificate

DUCKDB, WIRE, DATA_API = "duckdb", "wire", "data-api"
CONTROL_TOKEN = "a-token-of-tests"
CLUSTER, REGION = "cluster-one", "us-east-1"
AWS_KEYS = {"aws_access_key_id": "AKIDTEST", "aws_secret_access_key": "secret"}
USUAL_TENANTS = (TENANT, "tenant-456")


@dataclass
class WarehouseFront(Emulator):
    """A server in front of an acted Redshift, whose tables are made there and not through the control plane."""

    redshift: ActedRedshift

    def control(self, method: str, path: str, body: object = None) -> Answer:
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.request(method, f"/_spectra{path}", body, {**headers, "X-Spectra-Control-Token": CONTROL_TOKEN})

    def sql(self, script: str, tenant: str = TENANT) -> Answer:
        try:
            self.redshift.engine.run_script(tenant, parse_script(script))
        except SpectraError as error:
            return Answer(400, {}, error.message.encode())
        return Answer(200, {}, b"{}")


Backend = tuple[tuple[str, ...], dict[str, str]]
"""The flags of a way to Redshift, and its environment."""


@contextmanager
def _wire(redshift: ActedRedshift, folder: Path, aws: str) -> Iterator[Backend]:
    """Users get in by temporary credentials of the cluster."""
    made = certificate(folder)
    wire = ActedWire(redshift, made.context)
    _cluster(aws)
    with wire.running():
        backend = f"{wire.url}?cluster={CLUSTER}&region={REGION}"
        yield ("--backend", backend), {"SSL_CERT_FILE": str(made.file), "AWS_ENDPOINT_URL_REDSHIFT": aws}


@contextmanager
def _data_api(redshift: ActedRedshift, _folder: Path, _aws: str) -> Iterator[Backend]:
    with data_api_server(redshift, page_rows=1000) as api:
        backend = f"redshift-data://{CLUSTER}/dev?cluster&region={REGION}"
        yield ("--backend", backend), {"AWS_ENDPOINT_URL_REDSHIFT_DATA": api.url}


def _cluster(aws: str) -> None:
    """Make the cluster that gives credentials; moto keeps one that another module made in this process."""
    client = boto3.client("redshift", REGION, endpoint_url=aws, **AWS_KEYS)
    with suppress(client.exceptions.ClusterAlreadyExistsFault):
        client.create_cluster(
            ClusterIdentifier=CLUSTER,
            NodeType="ra3.large",
            MasterUsername="owner",
            MasterUserPassword="Secret-of-tests1",
        )


WAYS: dict[str, Callable[[ActedRedshift, Path, str], AbstractContextManager[Backend]]] = {
    WIRE: _wire,
    DATA_API: _data_api,
}
ENGINES = (DUCKDB, *WAYS)


@contextmanager
def engine_server(engine: str, emulators: Emulators, folder: Path, *flags: str) -> Iterator[Emulator]:
    """Yield a server with the demo's tables and callers, and `flags`, in front of the engine."""
    if engine == DUCKDB:
        yield emulators.start(*flags)
        return
    with ExitStack() as parts:
        s3 = parts.enter_context(running_moto())
        redshift = parts.enter_context(_redshift(folder, s3))
        backend, environ = parts.enter_context(WAYS[engine](redshift, folder, s3.url))
        usual = ("--fixtures", str(OWN_FIXTURES), "--jwt-secret", JWT_SECRET)
        keys = {name.upper(): value for name, value in AWS_KEYS.items()}
        more = {"SPECTRA_CONTROL_TOKEN": CONTROL_TOKEN, **keys, **environ, **s3_environment(s3)}
        started = emulators.start(*backend, *usual, *s3_flags(s3), *flags, environ=more)
        yield WarehouseFront(**vars(started), redshift=redshift)
        started.stop()


@contextmanager
def _redshift(folder: Path, s3: RealS3) -> Iterator[ActedRedshift]:
    redshift = acted_redshift(folder, DEMO_FIXTURES.absolute(), s3_client(s3))
    try:
        for tenant in USUAL_TENANTS:
            redshift.engine.run_script(tenant, parse_script(f'CREATE SCHEMA "{USER}{tenant}"'))
        yield redshift
    finally:
        redshift.close()
