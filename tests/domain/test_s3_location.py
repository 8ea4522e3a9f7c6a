"""How the place of an S3 is written."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.s3_location import bucket_and_endpoint
from spectra_emulator.settings import Settings


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("s3://my-bucket", ("my-bucket", None)),
        ("http://minio:9000/spectra", ("spectra", "http://minio:9000")),
        ("https://s3.example/spectra/", ("spectra", "https://s3.example")),
        ("http://[::1]:9000/spectra", ("spectra", "http://[::1]:9000")),
    ],
)
def test_a_bucket_is_named_by_a_url(url: str, found: tuple[str, str | None]) -> None:
    assert bucket_and_endpoint(url) == found


@pytest.mark.parametrize(
    "url",
    [
        "",
        "minio:9000/spectra",
        "s3://",
        "s3://bucket/prefix",
        "http://minio:9000",
        "http://minio:9000/a/b",
        "http:///bucket",
        "ftp://minio/bucket",
        "http://minio/bucket?x=1",
        "http://minio/a b",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="neither embedded nor a URL"):
        bucket_and_endpoint(url)


def test_the_embedded_s3_has_no_place() -> None:
    assert Settings().s3_location() is None


def test_the_settings_tell_the_place_and_hide_its_secret() -> None:
    settings = Settings(s3="http://minio:9000/spectra", s3_access_key_id="k", s3_secret_access_key="hidden")
    place = settings.s3_location()
    assert place is not None
    assert (place.bucket, place.endpoint, place.secret_access_key) == ("spectra", "http://minio:9000", "hidden")
    assert "hidden" not in f"{place!r} {settings!r}"
