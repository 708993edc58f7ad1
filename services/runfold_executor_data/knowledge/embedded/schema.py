"""The tables of the embedded store: a catalogue of bases, and a file for each base."""

from __future__ import annotations

STAGED, CURRENT, GONE = 0, 1, 2
"""States of a generation: still being added to, found by searches, to be removed."""

CATALOGUE = """
create table if not exists bases (
    name text primary key, file text not null, description text not null, created_at real not null,
    provider text, model text, dims integer not null
) without rowid;
"""

BASE = """
create table if not exists generations (
    pk integer primary key autoincrement, id text not null unique, document text not null,
    state integer not null, name text not null, sha256 text not null, source text not null,
    metadata blob not null, touched_at real not null, chunks integer not null default 0
);
create unique index if not exists one_current on generations (document) where state = 1;
create index if not exists by_document on generations (document, state);
create index if not exists by_state on generations (state, pk) where state <> 1;
create table if not exists chunks (
    pk integer primary key autoincrement, generation integer not null, id text not null,
    place integer not null, parent text not null, encloses integer not null,
    beginning integer not null, ending integer not null, headings text not null, text text not null
);
create unique index if not exists chunk_ids on chunks (generation, id);
create unique index if not exists chunk_places on chunks (generation, place);
create table if not exists blocks (
    first integer primary key, generation integer not null, count integer not null,
    vectors blob not null
);
create index if not exists blocks_of on blocks (generation);
create virtual table if not exists words using fts5 (terms, content = '', tokenize = 'ascii');
create virtual table if not exists vocabulary using fts5vocab (words, row);
create table if not exists facts (
    generation integer not null, at integer not null, name text not null, head text not null,
    text text not null, folded text not null, number real, primary key (generation, at)
) without rowid;
create index if not exists facts_by_text on facts (name, head, generation);
create index if not exists facts_by_number on facts (name, number, generation);
create table if not exists changes (
    number integer primary key autoincrement, generation integer not null, added integer not null
);
create table if not exists totals (
    id integer primary key check (id = 0), documents integer not null, chunks integer not null,
    rows integer not null, terms integer not null, enclosing integer not null
);
insert or ignore into totals values (0, 0, 0, 0, 0, 0);
"""
"""`blocks`: the vectors of chunks whose keys follow one another from `first` on.
`changes`: which generations searches began and ceased to find, for those who hold vectors.
`totals`: what can be searched; `rows` and `terms` are all that is in `words`."""
