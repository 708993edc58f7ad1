"""OpenAPI documents that show, in little, what those of public services do.

- `SHOP`: 3.0.3, as payment services write theirs: form bodies with objects inside, `deepObject`
  queries, nullable unions without a type, expandable fields that form a cycle, a GET with an empty
  body.
- `FORGE`: 3.0.3, as code hosts write theirs: ids with slashes, parameters and answers by
  reference, path parameters shared by operations, fields that collide with parameters.
- `MODELS`: 3.1.0, as model and translation services write theirs: multipart with files, types
  as lists, `const`, `$ref` with siblings, several content types, server variables.
"""

from __future__ import annotations

import copy
from typing import Any

SHOP: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "2026-01-01"},
    "servers": [{"url": "https://api.shop.example"}],
    "security": [{"basicAuth": []}, {"bearerAuth": []}],
    "paths": {
        "/v1/charges": {
            "get": {
                "operationId": "GetCharges",
                "summary": "List charges",
                "parameters": [
                    {
                        "in": "query",
                        "name": "created",
                        "style": "deepObject",
                        "explode": True,
                        "schema": {
                            "anyOf": [
                                {
                                    "type": "object",
                                    "properties": {
                                        "gt": {"type": "integer"},
                                        "lte": {"type": "integer"},
                                    },
                                },
                                {"type": "integer"},
                            ]
                        },
                    },
                    {
                        "in": "query",
                        "name": "expand",
                        "style": "deepObject",
                        "explode": True,
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                    {
                        "in": "query",
                        "name": "limit",
                        "schema": {
                            "type": "integer",
                            "minimum": 0,
                            "exclusiveMinimum": True,
                            "maximum": 100,
                        },
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "properties": {},
                                "additionalProperties": False,
                            }
                        }
                    }
                },
                "responses": {
                    "200": {
                        "description": "Charges.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["data"],
                                    "properties": {
                                        "data": {
                                            "type": "array",
                                            "items": {"$ref": "#/components/schemas/charge"},
                                        }
                                    },
                                }
                            }
                        },
                    },
                    "default": {"$ref": "#/components/responses/error"},
                },
            },
            "post": {
                "operationId": "PostCharges",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "encoding": {
                                "metadata": {"style": "deepObject", "explode": True},
                                "lines": {"style": "deepObject", "explode": True},
                            },
                            "schema": {
                                "type": "object",
                                "required": ["amount"],
                                "properties": {
                                    "amount": {"type": "integer"},
                                    "note": {"type": "string", "nullable": True},
                                    "metadata": {
                                        "type": "object",
                                        "additionalProperties": {"type": "string"},
                                    },
                                    "lines": {"type": "array", "items": {"type": "object"}},
                                },
                            },
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The charge.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/charge"}}
                        },
                    }
                },
            },
        },
    },
    "components": {
        "securitySchemes": {
            "basicAuth": {"type": "http", "scheme": "basic"},
            "bearerAuth": {"type": "http", "scheme": "bearer"},
        },
        "responses": {
            "error": {
                "description": "An error.",
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "properties": {"error": {"type": "object"}}}
                    }
                },
            }
        },
        "schemas": {
            "charge": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "customer": {
                        "anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/customer"}],
                        "nullable": True,
                        "x-expansionResources": {
                            "oneOf": [{"$ref": "#/components/schemas/customer"}]
                        },
                    },
                    "status": {"type": "string", "enum": ["paid", "open"], "nullable": True},
                },
            },
            "customer": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "charges": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/charge"},
                    },
                },
            },
        },
    },
}

FORGE: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Forge", "version": "1"},
    "servers": [{"url": "https://api.forge.example/"}],
    "paths": {
        "/repos/{owner}/{repo}/issues": {
            "parameters": [
                {"$ref": "#/components/parameters/owner"},
                {"$ref": "#/components/parameters/repo"},
            ],
            "get": {
                "operationId": "issues/list-for-repo",
                "summary": "List issues",
                "description": "Of one repository.",
                "parameters": [
                    {
                        "name": "labels",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                    {
                        "name": "state",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["open", "closed"], "default": "open"},
                    },
                    {"name": "X-Version", "in": "header", "schema": {"type": "string"}},
                    {"name": "Accept", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "Issues.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/issue"},
                                }
                            }
                        },
                    },
                    "4XX": {"$ref": "#/components/responses/problem"},
                },
            },
            "post": {
                "operationId": "issues/create",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "allOf": [
                                    {"$ref": "#/components/schemas/issue"},
                                    {
                                        "type": "object",
                                        "properties": {
                                            "owner": {"type": "string"},
                                            "assignees": {"type": "array"},
                                        },
                                    },
                                ]
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "Made."}},
            },
        },
        "/repos/{owner}/{repo}/contents/{path}": {
            "get": {
                "parameters": [
                    {"$ref": "#/components/parameters/owner"},
                    {"$ref": "#/components/parameters/repo"},
                    {
                        "name": "path",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    },
                ],
                "responses": {"200": {"description": "The file."}},
            }
        },
    },
    "components": {
        "parameters": {
            "owner": {
                "name": "owner",
                "in": "path",
                "required": True,
                "description": "Account that owns the repository.",
                "schema": {"type": "string"},
            },
            "repo": {
                "name": "repo",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
            },
        },
        "responses": {"problem": {"description": "No."}},
        "schemas": {
            "issue": {
                "type": "object",
                "required": ["id", "title"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "title": {"type": "string", "pattern": "^(?!draft).+$"},
                    "parent": {"$ref": "#/components/schemas/issue"},
                    "token": {"type": "string", "writeOnly": True},
                },
            }
        },
    },
}

MODELS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Models", "version": "1"},
    "servers": [
        {
            "url": "https://{region}.models.example/{base}",
            "variables": {
                "region": {"default": "eu", "enum": ["eu", "us"]},
                "base": {"default": "v1"},
            },
        }
    ],
    "security": [{"header": []}],
    "paths": {
        "/files": {
            "post": {
                "operationId": "createFile",
                "requestBody": {
                    "required": True,
                    "content": {
                        "multipart/form-data": {
                            "schema": {"$ref": "#/components/schemas/CreateFile"}
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "The file.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"object": {"const": "file"}},
                                }
                            }
                        },
                    }
                },
            }
        },
        "/translate": {
            "post": {
                "operationId": "translate",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {"$ref": "#/components/schemas/Translate"}
                        },
                        "application/json": {"schema": {"$ref": "#/components/schemas/Translate"}},
                    },
                },
                "responses": {"200": {"description": "Translated."}},
            }
        },
        "/tree": {
            "put": {
                "operationId": "putTree",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Node"}}
                    }
                },
                "responses": {
                    "200": {
                        "description": "It.",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Node"}}
                        },
                    }
                },
            }
        },
    },
    "components": {
        "securitySchemes": {
            "header": {"type": "apiKey", "in": "header", "name": "Authorization"},
            "oauth": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": "Read."}}},
            },
        },
        "schemas": {
            "CreateFile": {
                "type": "object",
                "required": ["file", "purpose"],
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "purpose": {"type": ["string", "null"], "enum": ["batch", "vision", None]},
                    "expires": {"type": "object", "properties": {"seconds": {"type": "integer"}}},
                },
            },
            "Translate": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "text": {"type": "array", "items": {"type": "string"}},
                    "target": {
                        "$ref": "#/components/schemas/Language",
                        "description": "Into which.",
                    },
                },
            },
            "Language": {"type": "string", "enum": ["DE", "FR"], "example": {"$ref": "no/such"}},
            "Node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "children": {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/Node"},
                    },
                },
            },
        },
    },
}


def changed(document: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """A copy with one place of it changed."""
    copied = copy.deepcopy(document)
    here = copied
    for name in path[:-1]:
        here = here[name]
    here[path[-1]] = to
    return copied
