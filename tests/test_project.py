"""Rules that hold for the whole project, found by walking it."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from catalog import models as catalog_models
from deployment.package import project_files
from orders import models as order_models
from regions import topology
from regions.backlog import queue_name
from regions.models import MASTER, HomedModel
from regions.replication import rules
from tests.deployed.conftest import runtime_libraries

ROOT = Path(__file__).parent.parent
MODELS = [
    catalog_models.Restaurant,
    catalog_models.Dish,
    catalog_models.Card,
    catalog_models.Availability,
    order_models.Order,
]


def all_models(kind: type[HomedModel] = HomedModel) -> set[type[HomedModel]]:
    children = {child for child in kind.__subclasses__() if not child.__module__.startswith("tests")}
    return children | {grandchild for child in children for grandchild in all_models(child)}


def test_the_list_of_models_is_complete() -> None:
    concrete = {model for model in all_models() if model is not catalog_models.CatalogRecord}
    own_region = {model for model in concrete if model.Meta.region == topology.here()}
    assert {model.__qualname__ for model in own_region} == {model.__qualname__ for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_every_attribute_is_operational_or_personal(model: type[HomedModel]) -> None:
    declared = model.operational | model.personal | model.bookkeeping
    assert not model.operational & model.personal
    assert set(model.get_attributes()) == declared


@pytest.mark.parametrize("model", MODELS)
def test_a_stub_holds_nothing_personal(model: type[HomedModel]) -> None:
    assert model.stub <= model.operational


def test_replication_knows_every_table_with_a_stream_and_every_such_stream_wakes_the_worker() -> None:
    template = yaml.load((ROOT / "infrastructure" / "tables.yaml").read_text(), Loader=_Template)  # noqa: S506
    tables = [resource["Properties"] for resource in template["Resources"].values()]
    streamed = {table["TableName"] for table in tables if "StreamSpecification" in table}
    assert streamed == set(rules()) == {model.Meta.table_name for model in MODELS}
    exported = {output["Export"]["Name"]: output["Value"] for output in template["Outputs"].values()}
    worker = yaml.load((ROOT / "infrastructure" / "worker.yaml").read_text(), Loader=_Template)  # noqa: S506
    woken_by = [
        exported[resource["Properties"]["EventSourceArn"]]
        for resource in worker["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    with_stream = {
        name for name, table in template["Resources"].items() if "StreamSpecification" in table["Properties"]
    }
    assert sorted(woken_by) == sorted(f"{name}.StreamArn" for name in with_stream)
    assert {t["StreamSpecification"]["StreamViewType"] for t in tables if "StreamSpecification" in t} == {"NEW_IMAGE"}
    keys = {table["TableName"]: tuple(key["AttributeName"] for key in table["KeySchema"]) for table in tables}
    assert {rule.table: rule.key_names for rule in rules().values()} == {name: keys[name] for name in streamed}


@pytest.mark.parametrize(
    "code",
    [
        "import django; django.setup(); from regions.replication import rules; print(*rules())",
        "from django.conf import settings; from regions.replication import rules; print(*rules())",
        "from regions import lag; print(*lag.rules())",
        "from localcloud import worker; print(*worker.replicator.rules)",
    ],
)
def test_what_is_replicated_does_not_depend_on_what_was_imported(code: str) -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "foodforthought.settings", "AWS_REGION": "us-east-1"}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert set(told.stdout.split()) == {model.Meta.table_name for model in MODELS}


def test_lambda_finds_the_worker_and_what_it_replicates_with_nothing_but_its_environment() -> None:
    code = "import foodforthought.lambda_worker; from foodforthought.stream_worker import replicator; print(*replicator.rules)"
    environment = {
        "AWS_LAMBDA_FUNCTION_NAME": "worker",
        "AWS_REGION": "eu-west-1",
        "SECRET_KEY": "a secret of the stage",
    }
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert set(told.stdout.split()) == {model.Meta.table_name for model in MODELS}


def test_there_is_a_backlog_for_every_region() -> None:
    template = yaml.load((ROOT / "infrastructure" / "backlog.yaml").read_text(), Loader=_Template)  # noqa: S506
    _, repeated, parts = template["Resources"]["Fn::ForEach::Targets"]
    assert repeated == list(topology.current().regions)
    assert parts["Backlog&{Target}"]["Properties"]["QueueName"] == queue_name("${Target}")


class _Template(yaml.SafeLoader):
    """CloudFormation's tags as plain text."""


_Template.add_multi_constructor("!", lambda loader, suffix, node: getattr(node, "value", None))


def test_the_regions_file_is_read_as_it_stands() -> None:
    data = tomllib.loads((ROOT / "regions.toml").read_text())
    loaded = topology.load({"AWS_REGION": "eu-west-1"})
    assert list(loaded.regions) == list(data["regions"])
    assert loaded.members("eu") == ("eu-west-1", "eu-central-1")
    assert loaded.region_url("us-west-2") == f"https://us-west-2.na.{data['domain']}"
    assert loaded.signpost_host == f"www.{data['domain']}"
    countries = [country for entry in data["jurisdictions"].values() for country in entry["countries"]]
    assert len(countries) == len(set(countries))


def test_an_unknown_region_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="AWS_REGION is mars-1"):
        topology.load({"AWS_REGION": "mars-1"})


def test_a_cold_start_does_not_import_what_it_does_not_use() -> None:
    code = (
        "import django, sys; django.setup(); import foodforthought.wsgi; from django.urls import reverse; reverse('live');"
        "heavy = {'drf_spectacular', 'ministack', 'moto', 'zappa', 'hypothesis', 'aiohttp', 'waitress'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "foodforthought.settings",
        "AWS_LAMBDA_FUNCTION_NAME": "web",
        "AWS_REGION": "eu-west-1",
        "SECRET_KEY": "a secret of the stage",
    }
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def test_the_requirements_name_no_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in file.read_text().replace("https://github.com", ""), file.name


def test_there_is_a_zappa_stage_for_every_region() -> None:
    stages = json.loads((ROOT / "zappa_settings.json").read_text())
    base, _ = stages.pop("base"), stages.pop("worker")
    deployed = topology.load({})
    wanted = {}
    for region in deployed.regions:
        # IAM's roles are one account's, buckets all the world's: both are named after the region.
        own = {"aws_region": region, "s3_bucket": f"{deployed.domain.replace('.', '-')}-packages-{region}"}
        web = {"extends": "base", "domain": deployed.region_host(region), "role_name": f"foodforthought-web-{region}"}
        wanted[region.replace("-", "_")] = {**own, **web}
        wanted[f"worker_{region.replace('-', '_')}"] = {
            **own, "extends": "worker", "role_name": f"foodforthought-worker-{region}",
        }  # fmt: skip
    assert stages == wanted
    # With an edge endpoint, the last address in X-Forwarded-For would be CloudFront's: all customers would share one limit.
    assert base["endpoint_configuration"] == ["REGIONAL"]
    assert base["debug"] is False  # Zappa's default logs every body and cookie, and shows tracebacks
    # Keys are never in a package, nor where whoever may list functions reads them.
    assert base["aws_environment_variables"] == {"INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT": "1"}
    assert "environment_variables" not in base
    assert base["app_function"] == settings.WSGI_APPLICATION
    assert base["django_settings"] == os.environ["DJANGO_SETTINGS_MODULE"]  # else there is no `zappa manage`


def test_zappa_packages_what_the_keep_list_names() -> None:
    base = json.loads((ROOT / "zappa_settings.json").read_text())["base"]
    left_out = {path for pattern in base["exclude_glob"] for path in ROOT.glob(pattern)}
    packaged = set()
    for directory, folders, files in os.walk(ROOT):
        left_out |= {Path(directory, name) for name in (*base["exclude"], "__pycache__")}
        folders[:] = [name for name in folders if Path(directory, name) not in left_out]
        packaged |= {
            Path(directory, name) for name in files if not name.endswith(".zip")
        } - left_out  # Zappa's own packages
    assert {path.relative_to(ROOT) for path in packaged} == set(project_files(ROOT))


def test_what_zappa_excludes_by_name_is_in_no_library() -> None:
    """`exclude` holds at any depth: “docs” would be botocore's too, without which no client can be made."""
    base = json.loads((ROOT / "zappa_settings.json").read_text())["base"]
    for name in runtime_libraries():
        for file in distribution(name).files or ():
            assert not set(base["exclude"]) & set(file.parts), file


def test_a_worker_is_woken_for_what_has_its_home_there_and_for_twins() -> None:
    template = yaml.load((ROOT / "infrastructure" / "worker.yaml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506
    topo = topology.current()
    assert template["Mappings"]["Homes"] == {
        region: {
            "Catalogue": json.dumps([MASTER if region == topo.master else "none"]),
            "Orders": json.dumps(list(topo.members(topo.jurisdiction_of(region)))),
        }
        for region in topo.regions
    }
