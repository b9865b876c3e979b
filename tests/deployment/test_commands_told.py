"""What runbooks, pipelines and workflows tell to do can be done: commands, their options and the targets of make are there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import load_command_class
from django.core.management.base import CommandError

from deployment import ROOT
from deployment.stacks import OF_A_REGION, ONCE
from regions import topology

REGIONS = list(topology.current().regions)
PLACEHOLDERS = {"REGION": "us-west-2", "TARGET": "eu-west-1", "NEW": "us-west-2", "OLD": "us-east-1", "…": "us-west-2"}
APPS = {
    "deployment": ["change_master", "deploy", "fill", "rollback", "secrets", "undeploy"],
    "orders": ["drain"],
    "regions": ["backlog", "reconcile"],
}
PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = re.compile(r"\$\{REGIONS:\+(--regions) \"\$REGIONS\"\}")  # as a shell leaves it out where nothing is given


class _Loader(yaml.SafeLoader):
    """CloudFormation's tags as plain values; `on:` as a word, which YAML takes for a truth."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: node.value)
_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(file: Path) -> dict[str, Any]:
    return dict(yaml.load(file.read_text(), Loader=_Loader))  # noqa: S506 - a safe one


PIPELINE = read(ROOT / "infrastructure" / "pipeline.yaml")


def steps() -> list[str]:
    """The lines that pipelines and workflows run."""
    scripts = []
    for workflow in map(read, WORKFLOWS):
        scripts += [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    for resource in PIPELINE["Resources"].values():
        if resource["Type"] == "AWS::CodeBuild::Project":
            phases = read_text(resource["Properties"]["Source"]["BuildSpec"])["phases"]
            scripts += [command for phase in phases.values() for command in phase.get("commands", [])]
    return [line for script in scripts for line in script.splitlines()]


def read_text(text: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text))


def told() -> list[str]:
    """All that follows `manage.py`, wherever it is told."""
    code = [
        part for page in PAGES for part in re.findall(r"```console\n(.*?)```|`([^`\n]+)`", page.read_text(), re.DOTALL)
    ]
    lines = [line for parts in code for part in parts for line in part.splitlines()] + steps()
    found = [line.split("manage.py ", 1)[1] for line in lines if "manage.py " in line and "=…" not in line]
    return sorted({FORMS.sub(r"\1 us-west-2", command.partition("#")[0].strip()) for command in found} - {""})


@pytest.mark.parametrize("command", told())
def test_every_command_is_there_and_takes_what_it_is_given(command: str) -> None:
    name, *arguments = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)]
    app = next(app for app, names in APPS.items() if name in names)
    parser = load_command_class(app, name).create_parser("manage.py", name)
    try:
        parser.parse_args(arguments)
    except CommandError as error:
        pytest.fail(f"{command}: {error}")


def test_the_test_would_notice_an_option_that_is_not_there() -> None:
    assert len(told()) > 25
    with pytest.raises(CommandError):
        load_command_class("orders", "drain").create_parser("manage.py", "drain").parse_args(["--gone"])


def test_every_runbook_is_in_the_list_and_every_link_leads_somewhere() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs" / "runbooks" / "README.md").read_text()))
    assert listed == {page.name for page in PAGES} - {"README.md"}
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+\.md)", page.read_text()):
            assert (page.parent / link).exists(), (page.name, link)


def test_what_pipelines_make_is_a_target() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = {line.split()[1] for line in steps() if line.startswith("make ")}
    assert made == {"test", "package"}
    assert made <= targets


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_takes_actions_by_commit_may_write_nothing_and_holds_no_key(file: Path) -> None:
    workflow, text = read(file), file.read_text()
    for action in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
    assert "secrets." not in text
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        granted = job.get("permissions", {})
        assert {what for what, access in granted.items() if access == "write"} <= {"id-token"}
        # A token of the protected environment only, after the tests.
        assert "id-token" not in granted or (job["environment"], job["needs"]) == ("production", "test")
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "what somebody types would be read by the shell"


def test_the_pipeline_knows_the_regions_of_the_file_and_tests_before_it_deploys() -> None:
    assert PIPELINE["Parameters"]["Regions"]["Default"].split(",") == REGIONS
    stages = PIPELINE["Resources"]["Pipeline"]["Properties"]["Stages"]
    names = [stage["Name"] if isinstance(stage, dict) else "Approve" for stage in stages]
    assert names == ["Source", "Test", "Approve", "Deploy"]


@pytest.mark.parametrize("template", sorted({*ONCE, *OF_A_REGION} - {"roles", "backlog", "worker", "health_check"}))
def test_a_template_is_the_same_for_every_region(template: str) -> None:
    """The others list all of them, which other tests compare with the file; and where Route 53 asks from."""
    text = (ROOT / "infrastructure" / f"{template}.yaml").read_text()
    assert not [region for region in REGIONS if region in text]
