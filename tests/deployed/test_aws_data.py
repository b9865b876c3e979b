"""What is left of botocore's data in a package makes the same clients."""

import shutil
from pathlib import Path
from typing import Any

import botocore
import botocore.session
import pytest
from botocore.loaders import Loader

from deployment.package import SERVICES, _thin_out
from regions import topology


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    whole = Path(botocore.__file__).parent / "data"
    for path in whole.iterdir():
        if path.is_file():
            shutil.copy(path, data)
        elif path.name in SERVICES:
            shutil.copytree(path, data / path.name)
    _thin_out(data)
    return data


def session(*, data: Path | None) -> Any:
    session = botocore.session.Session()
    if data:
        session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_client_has_the_same_hosts_and_operations(data: Path, service: str) -> None:
    for region in topology.current().regions:
        thin, whole = (session(data=each).create_client(service, region) for each in (data, None))
        assert thin.meta.endpoint_url == whole.meta.endpoint_url
        models = [client.meta.service_model for client in (thin, whole)]
        assert models[0].operation_names == models[1].operation_names
        assert thin.meta.method_to_api_mapping == whole.meta.method_to_api_mapping
        for name in models[1].operation_names:
            shapes = [model.operation_model(name).output_shape for model in models]
            assert repr(shapes[0]) == repr(shapes[1])
            assert [shape and list(shape.members) for shape in shapes[:1]] == [
                shape and list(shape.members) for shape in shapes[1:]
            ]


def test_it_is_small(data: Path) -> None:
    assert (data / "endpoints.json").stat().st_size < 50_000
    assert not list(data.rglob("service-2.json.gz"))
