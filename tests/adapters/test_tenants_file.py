"""The file of tenants and credentials."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from spectra_emulator.adapters.tenants_file import TenantsFile, TenantsFileError, read

from tests.requirements import requirement

DEMO = Path(__file__).parents[2] / "fixtures" / "tenants.toml"
TENANTS = '[[tenants]]\ntenant_id = "tenant-123"\ndb_user = "reader"\n[[tenants]]\ntenant_id = "tenant-456"\n'
SECRET = "s" * 32
JWT = f'[jwt]\nissuer = "i"\naudience = "a"\nsecret = "{SECRET}"\n'
PAIR = 'access_key_id = "AKID"\nsecret_access_key = "hush-hush"\ntenant_id = "tenant-123"\n'


def parsed(tmp_path: Path, content: str) -> TenantsFile:
    path = tmp_path / "tenants.toml"
    path.write_text(content, encoding="utf-8")
    return read(path)


@requirement("AUTH-01", "AUTH-05")
def test_the_demo_file_holds_the_documented_credentials() -> None:
    demo = read(DEMO)
    digests = {key.key_sha256: key.tenant_id for key in demo.api_keys}
    assert [tenant.tenant_id for tenant in demo.tenants] == ["tenant-123", "tenant-456"]
    assert digests[hashlib.sha256(b"spk_tenant-123_demo").hexdigest()] == "tenant-123"
    assert digests[hashlib.sha256(b"spk_tenant-456_demo").hexdigest()] == "tenant-456"
    assert digests[hashlib.sha256(b"your-api-key").hexdigest()] == "tenant-123"
    assert demo.issuer is not None
    assert (demo.issuer.issuer, demo.issuer.audience) == ("redshift-spectra-local", "redshift-spectra-api")
    assert demo.issuer.secret == "local-jwt-secret-key-for-testing-only-123456"
    assert [(key.access_key_id, key.region) for key in demo.access_keys] == [("AKIDSPECTRATENANT123", "us-east-1")]


def test_no_secret_shows_in_what_was_read(tmp_path: Path) -> None:
    keys = '[[api_keys]]\nkey = "plain-key"\ntenant_id = "tenant-123"\n'
    token = 'session_token = "hush-token"\n'
    shown = repr(parsed(tmp_path, f"{TENANTS}{keys}[[access_keys]]\n{PAIR}{token}{JWT}"))
    assert all(secret not in shown for secret in ("plain-key", "hush", SECRET))


def test_a_key_may_be_given_as_its_digest(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"plain-key").hexdigest()
    plain = parsed(tmp_path, f'{TENANTS}[[api_keys]]\nkey = "plain-key"\ntenant_id = "*"\n')
    hashed = parsed(tmp_path, f'{TENANTS}[[api_keys]]\nkey_sha256 = "{digest.upper()}"\ntenant_id = "*"\n')
    assert plain.api_keys == hashed.api_keys
    assert plain.api_keys[0].key_sha256 == digest


@requirement("PRM-04")
def test_what_a_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    file = parsed(tmp_path, f"{TENANTS}[[access_keys]]\n{PAIR}")
    assert (file.access_keys[0].region, file.access_keys[0].permissions) == ("us-east-1", None)
    assert (file.api_keys, file.issuer) == ((), None)
    assert file.db_users == {"tenant-123": "reader"}


def test_an_empty_file_has_no_tenants(tmp_path: Path) -> None:
    assert parsed(tmp_path, "") == TenantsFile()


def test_a_key_set_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text('{"keys": []}', encoding="utf-8")
    file = parsed(tmp_path, '[jwt]\nissuer = "i"\naudience = "a"\njwks = "jwks.json"\n')
    assert file.issuer is not None
    assert file.issuer.keys is not None
    assert not file.issuer.keys.remote


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("x = [", "is not TOML", id="not TOML"),
        pytest.param("[[api_key]]", "api_key is not a key of the file; did you mean api_keys?", id="unknown table"),
        pytest.param(
            '[[tenants]]\ntenent_id = "a"',
            "tenants[0].tenent_id is not a key of the file; did you mean tenant_id?",
            id="unknown key",
        ),
        pytest.param(JWT + "zzz = 1", "jwt.zzz is not a key of the file; known: audience", id="unknown key, none near"),
        pytest.param("[tenants]", "tenants must be tables that start with [[tenants]]", id="table for tables"),
        pytest.param("[[jwt]]", "jwt must be a table that starts with [jwt]", id="tables for table"),
        pytest.param("[[tenants]]", "tenants[0].tenant_id is missing", id="missing"),
        pytest.param("[[tenants]]\ntenant_id = 7", "tenants[0].tenant_id must be a text", id="wrong type"),
        pytest.param('[[tenants]]\ntenant_id = "a/b"', "tenants[0].tenant_id must be 1 to 128", id="malformed tenant"),
        pytest.param(TENANTS * 2, "tenants[2].tenant_id is given twice", id="repeated tenant"),
        pytest.param(
            f'{TENANTS}[[api_keys]]\nkey = "k"\ntenant_id = "tenant-124"',
            "api_keys[0].tenant_id names 'tenant-124', which no [[tenants]] table declares; did you mean tenant-123?",
            id="undeclared tenant",
        ),
        pytest.param('[[api_keys]]\ntenant_id = "*"', "api_keys[0].key or key_sha256 must be given", id="no key"),
        pytest.param(
            '[[api_keys]]\nkey = "k"\nkey_sha256 = "0"\ntenant_id = "*"', "and not both", id="key and its digest"
        ),
        pytest.param('[[api_keys]]\nkey = "a b"\ntenant_id = "*"', "api_keys[0].key must be printable", id="blank"),
        pytest.param('[[api_keys]]\nkey_sha256 = "0"\ntenant_id = "*"', "must be 64 hexadecimal", id="short digest"),
        pytest.param(
            '[[api_keys]]\nkey = "k"\ntenant_id = "*"\n' * 2, "api_keys[1].key is given twice", id="repeated key"
        ),
        pytest.param(
            '[[api_keys]]\nkey = "k"\ntenant_id = "*"\npermissions = ["bulk:reed"]',
            "api_keys[0].permissions holds 'bulk:reed', which is no permission; did you mean bulk:read?",
            id="unknown permission",
        ),
        pytest.param(
            '[[api_keys]]\nkey = "k"\ntenant_id = "*"\npermissions = "*"', "must be a list of texts", id="no list"
        ),
        pytest.param(
            '[jwt]\nissuer = "i"\naudience = "a"', "jwt.secret cannot be used: a token issuer", id="no secret"
        ),
        pytest.param(JWT.replace(SECRET, "short"), "an HS256 secret must have 32 bytes or more", id="short secret"),
        pytest.param(JWT + 'jwks = "absent.json"', "jwt.jwks cannot be used", id="no key set"),
        pytest.param(JWT + 'jwks = "ftp://h/jwks"', "is no http or https URL", id="no web URL"),
        pytest.param(JWT + 'tenants = ["x"]', "jwt.tenants names 'x'", id="undeclared trusted tenant"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TenantsFileError) as refused:
        parsed(tmp_path, content)
    assert str(refused.value).startswith(f"{tmp_path / 'tenants.toml'}: ")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        f"[[access_keys]]\n{PAIR.replace('tenant-123', 'nobody')}",
        f"{TENANTS}[[access_keys]]\n{PAIR}[[access_keys]]\n{PAIR}",
        JWT.replace(SECRET, "hush-short"),
        '[[api_keys]]\nkey = "hush hush"\ntenant_id = "*"',
    ],
    ids=["undeclared tenant", "repeated access key", "short secret", "blank in key"],
)
def test_a_message_holds_no_secret(tmp_path: Path, content: str) -> None:
    with pytest.raises(TenantsFileError) as refused:
        parsed(tmp_path, content)
    assert "hush" not in str(refused.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TenantsFileError, match=r"absent\.toml: cannot be read: No such file"):
        read(tmp_path / "absent.toml")
