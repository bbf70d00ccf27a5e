import pytest

from vestibule.reports.s3 import S3Events


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("s3://", "expected an address like s3://bucket/prefix, got 's3://'"),
        ("s3:///prefix", "expected an address like s3://bucket/prefix"),
        ("http://bucket/prefix", "expected an address like s3://bucket/prefix"),
        (
            "s3://key:secret@bucket/prefix",
            "expected the keys of S3 in the environment, got them in the address",
        ),
        ("s3://bucket?zone=here", "expected the options .*, got 'zone'"),
    ],
)
def test_a_place_that_cannot_be_one_is_refused_at_the_start(address: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        S3Events(address)


def test_what_arrow_does_not_understand_is_an_error_that_the_writing_outlives() -> None:
    with pytest.raises(OSError, match="scheme"):
        S3Events("s3://bucket/prefix?region=here&scheme=gopher").put(0, 1, b"")
