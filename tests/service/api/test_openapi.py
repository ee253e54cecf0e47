"""The OpenAPI document is valid, complete, and what the server does."""

import json

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from gradgrade.problems.documents.base import Model
from gradgrade.service.api.openapi import describe
from gradgrade.service.app import create_app
from gradgrade.service.http.headers import HEADERS
from tests.service.api.shelf import ALL, Book, route, shelf_app


@pytest.fixture(scope="module")
def document():
    return create_app().test_client().get("/openapi.json").json


@pytest.fixture(scope="module")
def shelf():
    return shelf_app().test_client().get("/openapi.json").json


def _validator(document, schema):
    # The references of a schema are to the document, so the document is the schema's root.
    return Draft202012Validator({**schema, "components": document["components"]})


def _response_schema(document, path, method, status):
    responses = document["paths"][path][method]["responses"]
    ((media_type, content),) = responses[str(status)]["content"].items()
    return media_type, content["schema"]


def test_it_is_openapi_3_1_with_every_reference_resolved(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "gradgrade"
    names = set(document["components"]["schemas"])
    references = _references(document)
    assert references
    assert {each.removeprefix("#/components/schemas/") for each in references} <= names


def _references(node):
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*map(_references, node.values()))
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def test_it_is_valid_by_the_schema_of_openapi_3_1(document, shelf):
    OPENAPI_31_VALIDATOR.validate(document)
    OPENAPI_31_VALIDATOR.validate(shelf)


def test_a_document_that_is_not_valid_is_found(shelf):
    document = json.loads(json.dumps(shelf))
    document["paths"]["/api/v1/books/{name}"]["get"]["parameters"][0]["required"] = False
    assert not OPENAPI_31_VALIDATOR.is_valid(document)


def test_every_schema_is_a_valid_schema_of_2020_12(document):
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_lists_every_route_of_the_application(document):
    app = create_app()
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    of_the_document = {"/openapi.json", "/docs", "/docs/style.css"}
    of_pages = {
        *("/", "/playground", "/guides", "/guides/{name}", "/guides/images/{name}"),
        *("/static/{name}", "/favicon.ico"),
    }
    assert routes - described == {(path, "get") for path in of_the_document | of_pages}
    assert described <= routes


def test_every_variable_of_a_path_is_a_required_parameter(document):
    (parameter,) = document["paths"]["/api/v1/catalogue/{name}"]["get"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("name", "path", True)


def test_the_body_of_a_grading_is_required_and_its_schema_takes_a_right_one(
    document, exercise, right, request_text
):
    body = document["paths"]["/api/v1/grade"]["post"]["requestBody"]
    assert body["required"] is True
    validator = _validator(document, body["content"]["application/json"]["schema"])
    assert validator.is_valid(json.loads(request_text))
    answers = {"schema": "gradgrade/answers/1", "exercise": exercise.id, "answers": right}
    assert validator.is_valid(json.loads(request_text) | {"answers": answers})
    assert not validator.is_valid({"answers": right})
    assert not validator.is_valid(json.loads(request_text) | {"answers": {"loss": "1"}})


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/catalogue", "/api/v1/catalogue/{name}"], ids=str
)
def test_what_is_answered_fits_its_schema(document, live, path):
    reply = live.get(path.replace("{name}", "seeds"))
    media_type, schema = _response_schema(document, path, "get", 200)
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    _validator(document, schema).validate(reply.json)


@pytest.mark.parametrize("answers", [{"loss": [1]}, {"loss": 1}])
def test_verdicts_fit_their_schema(document, live, exercise, answers):
    reply = live.post(f'{{"exercise": {exercise.to_json()}, "answers": {json.dumps(answers)}}}')
    media_type, schema = _response_schema(document, "/api/v1/grade", "post", 200)
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    _validator(document, schema).validate(reply.json)


def test_refusals_fit_the_schema_that_stands_for_their_status(document, live):
    refusals = {
        400: live.post("{"),
        411: live.post("", length=""),
        413: live.post(" " * (2**20 + 1)),
        415: live.post("{}", Content_Type="text/plain"),
        422: live.post("{}"),
    }
    responses = document["paths"]["/api/v1/grade"]["post"]["responses"]
    assert set(responses) == {"200", "429", "503", *map(str, refusals)}
    for status, reply in refusals.items():
        media_type, schema = _response_schema(document, "/api/v1/grade", "post", status)
        assert (reply.status, reply.headers["content-type"]) == (status, media_type)
        _validator(document, schema).validate(reply.json)


def test_it_holds_no_examples(document):
    assert "example" not in json.dumps(document)


# Routes with roles


def test_what_needs_a_token_says_so_and_what_does_not_does_not(document, shelf):
    assert shelf["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    for item in shelf["paths"].values():
        for operation in item.values():
            assert operation["security"] == [{"token": []}]
            assert {"401", "404", "429", "503"} <= set(operation["responses"])
    assert "securitySchemes" not in document["components"]
    assert document["paths"]["/api/v1/grade"]["post"]["security"] == []


def test_parameters_of_a_query_stand_with_their_bounds(shelf):
    parameters = shelf["paths"]["/api/v1/books"]["get"]["parameters"]
    assert {each["name"]: each["schema"] for each in parameters} == {
        "cursor": {"type": "string", "title": "Cursor"},
        "limit": {
            "type": "integer",
            "title": "Limit",
            "minimum": 1,
            "maximum": 1000,
            "default": 100,
        },
        "language": {"type": "string", "title": "Language", "enum": ["en", "de"]},
        "pages": {"type": "integer", "title": "Pages", "minimum": 0},
    }
    assert {(each["in"], each["required"]) for each in parameters} == {("query", False)}


def test_headers_of_requests_and_responses_stand_with_what_they_lead_to(shelf):
    book = shelf["paths"]["/api/v1/books/{name}"]
    assert {"304", "200"} < set(book["get"]["responses"])
    assert "content" not in book["get"]["responses"]["304"]
    assert "412" in book["put"]["responses"]
    assert "ETag" in book["put"]["responses"]["200"]["headers"]
    added = shelf["paths"]["/api/v1/books"]["post"]
    assert "409" in added["responses"]
    assert added["responses"]["201"]["headers"]["Location"]["required"]
    assert ("Idempotency-Key", "header") in [
        (each["name"], each["in"]) for each in added["parameters"]
    ]


def test_every_header_of_a_refusal_is_sent(shelf):
    refusals = shelf["paths"]["/api/v1/books"]["get"]["responses"]
    assert set(refusals["401"]["headers"]) == {"WWW-Authenticate"}
    assert set(refusals["503"]["headers"]) == {"Retry-After"}
    limits = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert set(refusals["429"]["headers"]) == {"Retry-After", *limits}
    assert limits < set(HEADERS)


def test_a_success_has_each_of_its_media_types_or_no_body(shelf):
    book = shelf["paths"]["/api/v1/books/{name}"]
    assert set(book["get"]["responses"]["200"]["content"]) == {
        "application/json",
        "text/csv; charset=utf-8",
    }
    assert "content" not in book["delete"]["responses"]["204"]


def test_a_query_of_nested_models_is_a_programmer_s_mistake():
    class Nested(Model):
        book: Book

    nested = route("GET", "/x", lambda call: None, roles=ALL, query=Nested, returns=None)
    with pytest.raises(ValueError, match="plain types"):
        describe([nested])
