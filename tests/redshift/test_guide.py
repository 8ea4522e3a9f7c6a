"""What docs/redshift.md tells an operator to set up, against what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from spectra_emulator.adapters.tenants_file import TenantsFileError, read

from tests.api.engines import DEVIATIONS, GUIDE, deviations_told

ADAPTERS = Path(__file__).parents[2] / "emulator" / "spectra_emulator" / "adapters"
SERVICES = {"redshift": "redshift", "redshift-data": "redshift-data", "secretsmanager": "secretsmanager", "sts": "sts"}
OF_THE_S3 = {
    "head_object": {"s3:GetObject"},
    "get_object": {"s3:GetObject"},
    "upload_file": {"s3:PutObject", "s3:AbortMultipartUpload"},
    "delete_object": {"s3:DeleteObject"},
    "abort_multipart_upload": {"s3:AbortMultipartUpload"},
    "list_objects_v2": {"s3:ListBucket"},
    "list_multipart_uploads": {"s3:ListBucketMultipartUploads"},
}
"""Which actions an operation needs. Source: "Required permissions for Amazon S3 API operations"."""


def allowed(service: str) -> set[str]:
    """Return the actions of a service that the guide's policy allows."""
    (policy,) = re.findall(r"```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    told = [statement["Action"] for statement in json.loads(policy)["Statement"]]
    actions = [action for each in told for action in ([each] if isinstance(each, str) else each)]
    return {action for action in actions if action.startswith(f"{service}:")}


def called(service: str, *places: Path) -> set[str]:
    """Return the operations of a service that the code names, as boto3 does."""
    code = "".join(place.read_text(encoding="utf-8") for place in places)
    names = botocore.session.get_session().get_service_model(service).operation_names
    return {name for name in names if re.search(rf'(?:\.{xform_name(name)}\(|"{xform_name(name)}")', code)}


@pytest.mark.parametrize("service", SERVICES)
def test_the_policy_allows_what_the_server_calls_and_no_more(service: str) -> None:
    assert allowed(service) == {f"{service}:{name}" for name in called(service, *(ADAPTERS / "redshift").glob("*.py"))}


def test_the_policy_allows_what_the_server_does_in_the_s3_and_no_more() -> None:
    code = (ADAPTERS / "s3_store.py").read_text(encoding="utf-8")
    operations = set(re.findall(r'_called\("(\w+)"', code))

    assert allowed("s3") == set().union(*(OF_THE_S3[name] for name in operations))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_sample_of_a_tenants_file_is_one_whose_tokens_are_keyed_by_the_environment(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    (tmp_path / "tenants.toml").write_text(text, encoding="utf-8")
    file = read(tmp_path / "tenants.toml", keyed_elsewhere=True)
    assert file.db_users == {"acme": "db_user_acme", "globex": "db_user_globex"}
    with pytest.raises(TenantsFileError, match="secret"):
        read(tmp_path / "tenants.toml")


def test_the_trust_policies_let_the_server_and_redshift_assume_their_roles() -> None:
    told = [statement for block in blocks("jsonc") for statement in json.loads(block)["Statement"]]
    assert [statement["Action"] for statement in told] == ["sts:AssumeRole"] * 2
    assert [set(statement["Principal"]) for statement in told] == [{"AWS"}, {"Service"}]


def test_every_deviation_that_a_test_makes_allowance_for_is_in_the_guide() -> None:
    assert set(DEVIATIONS.values()) <= set(deviations_told())
