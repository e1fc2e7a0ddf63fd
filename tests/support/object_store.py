"""moto's S3, which verifies signatures after the four calls that make a user and a bucket."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support import daemons, need, stores
from tests.support.process import NRPE_ENVIRONMENT

BUCKET = "reports"
_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


class ObjectStore(NamedTuple):
    """Where it listens, and keys that may do all with S3."""

    url: str
    access: str
    secret: str


@contextmanager
def moto(root: Path) -> Iterator[ObjectStore]:
    """A server with one bucket."""
    program = Path(sys.executable).with_name("moto_server")
    if not program.exists():
        need.missing("moto is not installed: pip install 'moto[s3]' flask flask-cors")
    import boto3

    port = daemons.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**NRPE_ENVIRONMENT, "INITIAL_NO_AUTH_ACTION_COUNT": "4", "HOME": str(root)}
    command = [str(program), "-H", "127.0.0.1", "-p", str(port)]
    ready = lambda: daemons.listens(port)  # noqa: E731
    with daemons.running(command, ready, root / "moto.log", environment):
        assert stores.answers(f"{url}/moto-api/")
        settings = {
            "endpoint_url": url,
            "region_name": "us-east-1",
            "aws_access_key_id": "x",
            "aws_secret_access_key": "x",
        }
        iam = boto3.client("iam", **settings)
        iam.create_user(UserName="lab")
        key = iam.create_access_key(UserName="lab")["AccessKey"]
        iam.put_user_policy(UserName="lab", PolicyName="all", PolicyDocument=_POLICY)
        boto3.client("s3", **settings).create_bucket(Bucket=BUCKET)
        yield ObjectStore(url, key["AccessKeyId"], key["SecretAccessKey"])
