"""The tables of the PostgreSQL store: some of all bases, and two of each.

A base's own tables are called by its number. An index of vectors needs their length, and is made
when that is known.
"""

from __future__ import annotations

from typing import Final

from runfold_executor_data.knowledge.filter_sql import Dialect

SCHEMA: Final = "runfold_knowledge"
STAGED, CURRENT, GONE = 0, 1, 2
"""States of a generation: still being added to, found by searches, to be removed."""

TABLES: Final = f"""
create schema if not exists {SCHEMA};
create table if not exists {SCHEMA}.bases (
    number integer generated always as identity primary key, name text not null unique,
    description text not null, created_at double precision not null,
    provider text, model text, dims integer not null,
    documents bigint not null default 0, chunks bigint not null default 0,
    rows bigint not null default 0, terms bigint not null default 0,
    enclosing bigint not null default 0
);
create table if not exists {SCHEMA}.generations (
    pk bigint generated always as identity primary key,
    base integer not null references {SCHEMA}.bases on delete cascade,
    id text not null unique, document text not null, state smallint not null, name text not null,
    sha256 text not null, source text not null, metadata text not null,
    touched_at double precision not null, chunks integer not null default 0
);
create unique index if not exists one_current
    on {SCHEMA}.generations (base, document collate "C") where state = 1;
create index if not exists by_document on {SCHEMA}.generations (base, document, state);
create index if not exists by_state on {SCHEMA}.generations (base, state, pk) where state <> 1;
create table if not exists {SCHEMA}.facts (
    base integer not null,
    generation bigint not null references {SCHEMA}.generations on delete cascade,
    at integer not null, name text not null, head text not null, text text not null,
    folded text not null, number double precision, primary key (generation, at)
);
create index if not exists facts_by_text on {SCHEMA}.facts (base, name, head);
create index if not exists facts_by_number on {SCHEMA}.facts (base, name, number);
"""
MOST_INDEXED: Final = 2000
"""Numbers of a vector up to which HNSW takes it as it is."""
MOST_HALVED: Final = 4000
"""Up to which it takes it with 16 bits a number. Longer ones are compared one by one."""


def chunks_table(number: int) -> str:
    """A base's chunks."""
    return f"{SCHEMA}.chunks_{number:d}"


def terms_table(number: int) -> str:
    """A base's terms, and in how many chunks each is."""
    return f"{SCHEMA}.terms_{number:d}"


def base_tables(number: int) -> str:
    """What makes a base's own tables."""
    # Terms are looked up before each search: a list of new ones beside the index would be read
    # each time.
    return f"""
create table {chunks_table(number)} (
    pk bigint generated always as identity primary key, generation bigint not null,
    id text not null, place integer not null, parent text not null, encloses boolean not null,
    beginning integer not null, ending integer not null, headings text not null,
    text text not null, length integer not null, words tsvector not null,
    unique (generation, id), unique (generation, place)
);
create index on {chunks_table(number)} using gin (words) with (fastupdate = off);
create table {terms_table(number)} (
    term text collate "C" primary key, holding integer not null
);
"""


def vector_column(number: int, dims: int) -> str:
    """What adds vectors of so many numbers to a base, and their index."""
    table = chunks_table(number)
    added = f"alter table {table} add column vector vector({dims:d});"
    if dims > MOST_HALVED:
        return added
    kind = "vector" if dims <= MOST_INDEXED else "halfvec"
    return f"{added} create index on {table} using hnsw ({ordered(dims)} {kind}_ip_ops);"


def ordered(dims: int) -> str:
    """What the index of vectors is on."""
    return "vector" if dims <= MOST_INDEXED else f"(vector::halfvec({dims:d}))"


def dialect(number: int) -> Dialect:
    """How a filter asks a base's documents."""
    return Dialect(
        facts=f"{SCHEMA}.facts where base = {number:d}",
        contains="strpos(folded, {}) > 0",
        starts="left(folded, {}) = {}",
        ends="right(folded, {}) = {}",
    )
