"""TypeScript whose types are erased, and what cannot be."""

from __future__ import annotations

import random

import pytest

from runfold.importers.coze.typescript import Unerasable, erased


def plain(source: str) -> str:
    """The program with its blanks counted as one."""
    return " ".join(erased(source).split())


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (
            "async function main({ params }: Args): Promise<Output> { return { a: params.a } }",
            "async function main({ params } ) { return { a: params.a } }",
        ),
        ("interface A<T> extends B { f(a: T): void; b?: string }\nf(1)", "f(1)"),
        ("type A = { a: string } | [number, 'b'];\ntype F = (a?: A) => A[];\nf()", "f()"),
        ("type C<T> = T extends string ? 'a' : { b: T };f()", "f()"),
        (
            "let a: number, b: string = 'x:y', c = d ? (e) : f;",
            "let a , b = 'x:y', c = d ? (e) : f;",
        ),
        ("const m: Map<string, A<B>[]> = new Map<string, A<B>[]>();", "const m = new Map ();"),
        ("const f = <T,>(a: T, ...b: T[]): a is T => !!a;", "const f = (a , ...b ) => !!a;"),
        ("const f = async (a?: A): Promise<void> => {};", "const f = async (a ) => {};"),
        ("f((a as any).b! + (<B>c).d as unknown as E)", "f((a ).b + ( c).d )"),
        (
            "const x = { a: b as const, c(d: E): F { return d } }",
            "const x = { a: b , c(d ) { return d } }",
        ),
        ("const { a, b: { c } = {} }: D = e;", "const { a, b: { c } = {} } = e;"),
        ("try {} catch (e: unknown) {}", "try {} catch (e ) {}"),
        ("for (const a of b as C[]) {}", "for (const a of b ) {}"),
        ("`${a as B} : ${(c: D) => c}`", "`${a } : ${(c ) => c}`"),
        ("function f(a: string): void;\nfunction f(a: any) {}", "function f(a ) {}"),
        ("declare const x: number;\nexport default function f() {}", "function f() {}"),
        (
            (
                "abstract class A<T> extends B<T> implements C { private readonly a: T = 1; b?: T; "
                "abstract c(): void; get d(): T { return this.a } static async e<U>(u: U): U {} }"
            ),
            "class A extends B { a = 1; b ; get d() { return this.a } static async e (u ) {} }",
        ),
        ("a < b && c > d; a ? b : c; case1: for (;;) { break case1 }", None),
        ("switch (a) { case 1: { b() } default: c = { d: 1 } }", None),
        (r"const r = /[/'\"]:string/g, d = a / b / c, s = 'a: b', t = `a: ${'b: c'}`;", None),
        (
            "const o = { as: 1, type: 2, interface: 3 }; o.as; o.type = 5; type = 6",
            None,
        ),
        ("if (a) /['\"]/.test(b); while (`${c}`) /'/g.exec(d); const q = (e) / 2 / '1';", None),
        ("const y = x !== z && !w; if (!(a)) { b() }", None),
        ("const f = a ? (b) => c : (d) => e;", None),
        ("({ async a() {}, get b() { return 1 }, *c() {}, ['d' + 1]: 2, 'e': 3, 4: 5 })", None),
        ("// a: string\n/* b as c */ let 名字 = { 键: 值 };", None),
    ],
)
def test_types_are_blanks(source: str, left: str | None) -> None:
    assert plain(source) == (" ".join(source.split()) if left is None else left)
    assert erased(source).count("\n") == source.count("\n")
    assert len(erased(source)) == len(source)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("enum A { B }", "enum"),
        ("const enum A { B }", "enum"),
        ("namespace A { export const b = 1 }", "namespace"),
        ("class A { constructor(private a: string) {} }", "private"),
        ("class A { @log a() {} }", "decorators"),
        ("import a from 'a'", "imports"),
        ("f(", "not closed"),
        ("f(]", "closes nothing"),
        ("`a ${b", "not closed"),
        ("`a", "does not end"),
        ("let a: = 1", "cannot be read"),
        ("let a = #", "nothing that begins with"),
    ],
)
def test_what_cannot_be_erased_is_said(source: str, why: str) -> None:
    with pytest.raises(Unerasable, match=why):
        erased(source)


def test_any_text_is_erased_or_refused() -> None:
    pieces = ["a", "(", ")", "{", "}", "<", ">", ":", "=>", "as ", "`", "${", "type ", "=", "?"]
    pieces += [
        "class ",
        "function ",
        "const ",
        ",",
        ";",
        "'",
        "/",
        "!",
        "[",
        "]",
        "\n",
        "interface ",
    ]
    chance = random.Random(1)
    for _ in range(1500):
        source = "".join(chance.choices(pieces, k=chance.randint(1, 25)))
        try:
            made = erased(source)
        except Unerasable:
            continue
        assert len(made) == len(source)


def test_a_large_program_is_erased_in_time() -> None:
    source = "const f = (a: number, b: A<B<C>>): D => ({ a: a as any, b: a < 1 ? b : c });\n" * 2000
    assert len(erased(source)) == len(source)
