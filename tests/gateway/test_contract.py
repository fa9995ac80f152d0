"""This is where the OpenAPI document is held to what it promises, and every problem to its page."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from gateway import docs
from gateway.described import status_in_contract
from gateway.permissions import ROUTES
from gateway.problem_texts import TEXTS
from gateway.problems import _OUR_OWN
from services.kit.errors import _WORD_START
from tests.gateway.gate import Gate

ROOT = Path(__file__).parents[2]
_NOT_REASONS = {"LIMITED_TIME", "SPEND_THRESHOLD"}
_ENUM_VALUE = re.compile(r"^\s*([A-Z][A-Z0-9_]+)\s*=\s*\d+;", re.MULTILINE)
_REASON = re.compile(r"(?<!`)\b[A-Z][A-Z]+(?:_[A-Z]+)+\b(?!`)")  # in backticks it is an example, not a promise


@pytest.fixture(scope="module")
def document(one_gate: Gate) -> Any:
    """The document, as it goes over the wire."""
    return json.loads(json.dumps(docs.describe(one_gate.gateway.app)))


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(method, path, said) for path, methods in document["paths"].items() for method, said in methods.items()]


async def test_it_is_served_and_is_3_1(gate: Gate, document: Any) -> None:
    answer = await gate.call("GET", "/openapi.json")
    assert answer.body == document
    assert document["openapi"].startswith("3.1")


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_description(document: Any) -> None:
    ids = [said["operationId"] for _, _, said in operations(document)]
    assert len(ids) == len(set(ids))
    assert {"checkOut", "listProducts", "setLine", "recordScans"} <= set(ids)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", each) for each in ids)
    assert all(said["summary"] and said["description"] for _, _, said in operations(document))


def test_every_route_of_the_main_list_is_described(document: Any) -> None:
    described = {(method.upper(), path) for method, path, _ in operations(document)}
    hidden = {
        "/carrier/v1/openapi.json",
        "/carrier/v1/docs",
        "/docs",
        "/docs/{asset}",
        "/openapi.json",
        "/problems",
        "/problems/{code}",
    }
    assert described == {(method, path) for method, path in ROUTES if path not in hidden}


def test_every_good_answer_has_an_example_that_fits_its_schema(document: Any) -> None:
    for method, path, said in operations(document):
        good = [answer for status, answer in said["responses"].items() if status < "300"]
        assert good, (method, path)
        for answer in good:
            shown = answer.get("content", {}).get("application/json")
            if shown:
                jsonschema.Draft202012Validator(shown["schema"]).validate(shown["example"])


def test_every_schema_is_one(document: Any) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_error_is_a_problem_with_an_example(document: Any) -> None:
    for method, path, said in operations(document):
        errors = {status: answer for status, answer in said["responses"].items() if status >= "400"}
        if path != "/healthz":
            assert errors, (method, path)
        for status, answer in errors.items():
            assert set(answer["content"]) == {"application/problem+json"}, (method, path)
            for code, example in answer["content"]["application/problem+json"]["examples"].items():
                assert example["value"]["status"] == int(status) == status_in_contract(code)


def test_every_body_says_what_it_refuses(document: Any) -> None:
    for method, path, said in operations(document):
        if "application/json" in said.get("requestBody", {}).get("content", {}):
            assert {"400", "413", "415", "422"} <= set(said["responses"]) or path == "/v1/labels", (method, path)


def test_every_reference_leads_somewhere(document: Any) -> None:
    schemas = document["components"]["schemas"]
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert references <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_what_needs_a_token_says_so(document: Any) -> None:
    for method, path, said in operations(document):
        access = ROUTES[method.upper(), path]
        assert ("security" in said) == (not access.open), (method, path)


@pytest.mark.parametrize("code", TEXTS)
async def test_every_problem_has_a_page(gate: Gate, code: str) -> None:
    page = await gate.call("GET", f"/problems/{code.lower()}", accept="text/html")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert code in page.body.decode()
    said = await gate.call("GET", f"/problems/{code.lower()}", accept="application/json")
    assert said.body["code"] == code
    assert said.body["todo"]


async def test_the_problems_are_listed(gate: Gate) -> None:
    assert len((await gate.call("GET", "/problems")).body["problems"]) == len(TEXTS)


def test_every_reason_in_a_contract_has_a_text() -> None:
    """What a proto's comments say a service refuses with is explained here."""
    files = [file.read_text() for file in (ROOT / "proto" / "shop").rglob("*.proto")]
    reasons = {reason for text in files for reason in _REASON.findall(text)}
    reasons -= {value for text in files for value in _ENUM_VALUE.findall(text)} | _NOT_REASONS
    assert reasons - set(TEXTS) == set()


def test_every_reason_in_the_code_has_a_page() -> None:
    """Every class under `Refused`, wherever it is: what it says no with is explained."""
    bases: dict[str, set[str]] = {}
    for file in (*(ROOT / "services").rglob("*.py"), *(ROOT / "gateway").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                named = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                bases.setdefault(node.name, set()).update(named)
    refusals = {"Refused"}
    while more := {name for name, above in bases.items() if above & refusals} - refusals:
        refusals |= more
    reasons = {_WORD_START.sub("_", name).upper() for name in refusals - {"Refused"}}
    assert len(reasons) > 100
    assert reasons - set(TEXTS) - set(_OUR_OWN) == set()


def test_every_text_says_it_in_both_languages() -> None:
    for code, text in TEXTS.items():
        assert text.title
        assert text.todo.endswith(".")
        assert re.search(r"[\u4e00-\u9fff]|Idempotency|If-Match|SKU", text.title_zh), code


async def test_the_docs_page_needs_no_network(gate: Gate) -> None:
    page = await gate.call("GET", "/docs")
    html = page.body.decode()
    assert "//" not in html.replace("</", "").replace("/>", "")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for asset in re.findall(r'(?:src|href)="([^"]+)"', html):
        answer = await gate.call("GET", asset)
        assert answer.status == 200, asset
        assert len(answer.body) > 50
