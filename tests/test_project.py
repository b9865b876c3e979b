"""Rules that hold for the whole project, found by walking it."""

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from catalog import models as catalog_models
from orders import models as order_models
from regions import topology
from regions.backlog import queue_name
from regions.models import MASTER, REPLICATED, HomedModel
from regions.replication import rules

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


def test_replication_knows_every_table_with_a_stream() -> None:
    template = yaml.load((ROOT / "infrastructure" / "tables.yaml").read_text(), Loader=_Template)  # noqa: S506
    tables = [resource["Properties"] for resource in template["Resources"].values()]
    streamed = {table["TableName"] for table in tables if "StreamSpecification" in table}
    assert streamed == set(REPLICATED) == set(rules())
    assert {t["StreamSpecification"]["StreamViewType"] for t in tables if "StreamSpecification" in t} == {"NEW_IMAGE"}
    keys = {table["TableName"]: tuple(key["AttributeName"] for key in table["KeySchema"]) for table in tables}
    assert {rule.table: rule.key_names for rule in rules().values()} == {name: keys[name] for name in streamed}


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
    base, worker = stages.pop("base"), stages.pop("worker")
    wanted = {
        f"{prefix}{region.replace('-', '_')}": {"extends": extends, "aws_region": region}
        for prefix, extends in (("", "base"), ("worker_", "worker"))
        for region in topology.current().regions
    }
    assert stages == wanted
    assert "localcloud" in base["exclude"]
    # With an edge endpoint, the last address in X-Forwarded-For would be CloudFront's: all customers would share one limit.
    assert (base["endpoint_configuration"], settings.REST_FRAMEWORK["NUM_PROXIES"]) == (["REGIONAL"], 1)
    module, _, function = worker["lambda_handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


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
