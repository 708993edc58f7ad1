"""Expressions of n8n in the real sandbox: each rule is one expression with its value.

All expressions of the table are evaluated in one call, as those of a node are.
"""

# ruff: noqa: E501 -- expressions are written as authors write them

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import msgspec
import pytest

from runfold.executor.node import Outcome
from runfold.graph.kinds.items import ItemsConfig
from runfold.settings import Settings
from runfold_executor_code.code import limits_of
from runfold_executor_code.items import node as items_node
from runfold_executor_code.items.reading import arrivals_of, at_once
from runfold_executor_code.items.resolving import expressions_of
from runfold_executor_code.items.running import data_of, program_of
from runfold_executor_code.opening import open_programs
from tests.support.node_contexts import RecordingContext

NOW = 1_717_243_200_000  # 1 June 2024, 12:00 UTC
ERROR = object()

OTHERS = {
    "A": {"ports": {"0": [{"json": {"q": 10}}, {"json": {"q": 20}}]}},
    "If": {"ports": {"0": [], "1": [{"json": {"code": 1}}, {"json": {"code": 2}}]}},
    "One": {"ports": {"0": [{"json": {"only": True}, "binary": {"file": {"mimeType": "x"}}}]}},
    "Else": {"ports": {"0": [], "1": [{"json": {"code": 1}}]}},
    "Off": None,
    "Same": {"ports": {"0": [{"json": {"r": 2}}]}, "links": {"0": [{"Same": [0, 0, 2]}]}},
    "Later": {"ports": {"0": [{"json": {"r": 2}}]}, "links": {"0": [{"Later": [0, 0, 2]}]}},
}
CONFIG = {
    "operation": "resolve",
    "node": "Me",
    "version": 3.4,
    "inputs": [
        [
            {
                "node": "Before",
                "output": 1,
                "items": [
                    {
                        "json": {
                            "a": 1,
                            "null": None,
                            "tags": ["x", "y"],
                            "o": {"k": 1, "values": 7},
                            "iso": "2024-01-05T10:00:00.000Z",
                            "big": 12345678901234567890,
                        }
                    },
                    {"json": {"a": 2}},
                ],
                "links": [
                    {"A": 1, "If": [1, 0], "Many": None, "Same": [0, 0, 2], "Later": [0, 0, 1]},
                    {"A": 0, "If": [1, 1]},
                ],
            }
        ]
    ],
    "others": OTHERS,
    "written": {"A": {"url": "=x"}},
    "workflow": {"id": "7", "name": "Flow", "timezone": "America/New_York"},
    "provided": {"vars": {"host": "h"}, "env": {"KEY": "k"}, "from_ai": {"city": "Rome"}},
    "run_index": 2,
}

CASES: list[tuple[str, Any]] = [
    # --- how parts come together
    ("{{ $json.a }}", 1),
    ("{{ $json.a }} ", "1 "),
    (" {{ $json.a }}", " 1"),
    ("TRUE", "TRUE"),
    ("", ""),
    ("{{ null }}", None),
    ("x{{ null }}{{ undefined }}{{ NaN }}{{ '' }}{{ 0 }}{{ false }}{{ true }}", "x0falsetrue"),
    ("x{{ [1, [2, null], 'a'] }}", "x1,2,,a"),
    ("x{{ {a: 1} }}", "x[object Object]"),
    ("{{ {a: 1} }}", {"a": 1}),
    ("{{ [{'name': 'x', 'cols': ['y']}] }}", [{"name": "x", "cols": ["y"]}]),
    ("{{ 200 }}", 200),
    ("{{ Math.floor(Math.min(1, 2) * 100); }}", 100),
    ("{{ `a\nb` }}", "a\nb"),
    ("{{ 1 /* one */ + 1 // two\n }}", 2),
    ("{{ $json.a\n$json.b }}", 1),
    ("{{ () => 1 }}", ERROR),
    ("{{ 1 + }}", ERROR),
    # --- what is not there
    ("{{ $json.nope }}", None),
    ("{{ $json.nope.deep.er }}", None),
    ("{{ $json.nope.call() }}", None),
    ("{{ asdas }}", None),
    ("{{ asdas ?? 5 }}", 5),
    ("{{ typeof asdas }}", "undefined"),
    ("{{ !!$json.nope.x || true }}", None),
    ("{{ $json?.nope?.x ?? 'none' }}", "none"),
    ("{{ 'a' in $json && $json.a != null }}", True),
    ("{{ JSON.parse('{') }}", None),
    ("{{ $json.toString() }}", "[object Object]"),
    ("{{ $json.big }}", 12345678901234567000),
    # --- what leads out, and what an expression changes
    ("{{ window }}{{ Function }}{{ eval }}", "[object Object][object Object][object Object]"),
    (
        "{{ $json.tags.reverse()[0] }}{{ $json.tags.push('z') }}{{ $input.all().reverse().length }}",
        "y32",
    ),
    ("{{ $json.tags.join() }}{{ $input.first().json.a }}", "x,y1"),
    (
        "{{ ['b', 'A', 'é', 'a', 'e2', 'e10'].sort((a, b) => a.localeCompare(b, 'en', {numeric: true})).join() }}",
        "a,A,b,é,e2,e10",
    ),
    # --- names
    (
        "{{ $input.item.json.a + $input.first().json.a + $input.last().json.a + $input.all().length }}",
        6,
    ),
    ("{{ $itemIndex }}{{ $runIndex }}{{ $position }}", "020"),
    ("{{ $thisItem.json.a }}", 1),
    ("{{ $data.a }}", 1),
    ("{{ $binary }}", {}),
    ("{{ $workflow.id }} {{ $workflow.name }} {{ $workflow.active }}", "7 Flow false"),
    ("{{ $execution.id }} {{ $execution.mode }}", "run-1 production"),
    ("{{ $prevNode.name }}/{{ $prevNode.outputIndex }}/{{ $prevNode.runIndex }}", "Before/1/2"),
    ("{{ $vars.host }} {{ $env.KEY }} {{ $vars.nope }}", "h k "),
    ("{{ $env.NOPE }}", ERROR),
    ("{{ $fromAI('city', 'which', 'string') }}", "Rome"),
    ("{{ $fromAI('size', 'which', 'number', 5) }}", 5),
    ("{{ $fromAI('size') }}", ERROR),
    ("{{ $nodeVersion }}", 3.4),
    ("{{ $items().length }} {{ $items('A')[1].json.q }} {{ $items('If', 1).length }}", "2 20 2"),
    ("{{ $item(1).$json.a }} {{ $item(0).$node['A'].json.q }}", "2 20"),
    ("{{ $('A').item.json.q }}", 20),
    ("{{ $('A').first().json.q }} {{ $('A').last().json.q }} {{ $('A').all().length }}", "10 20 2"),
    ("{{ $('A').itemMatching(1).json.q }} {{ $('A').pairedItem().json.q }}", "10 20"),
    (
        "{{ $('If').first().json.code }} {{ $('If').last().json.code }} {{ $('If').all(0).length }}",
        "1 2 0",
    ),
    ("{{ $('If').item.json.code }}", 1),
    ("{{ $('Else').first().json.code }}", 1),
    ("{{ $('One').item.json.only }} {{ $('One').first().binary.file.mimeType }}", "true x"),
    (
        "{{ $('A').isExecuted }} {{ $('Off').isExecuted }} {{ $('Nope').isExecuted }}",
        "true false false",
    ),
    ("{{ $('Off').first() }}", ERROR),
    ("{{ $('Nope').item }}", ERROR),
    ("{{ $('Many').item }}", ERROR),
    ("{{ $('Same').item.json.r }}", 2),
    ("{{ $('Later').item.json.r }}", ERROR),
    (
        "{{ $('Later').first().json.r }}{{ $('Later').all(0, 2).length }}{{ $items('Later', 0, -1).length }}",
        "211",
    ),
    ("{{ $items('Later', 0, 1) }}", ERROR),
    ("{{ $('A').params.url }}", "=x"),
    ("{{ $node['A'].json.q }} {{ $node.A.json['q'] }} {{ $node['One'].json.only }}", "20 20 true"),
    ("{{ $node['A'].parameter.url }}", "=x"),
    (
        "{{ $jmespath($json, 'tags[0]') }} {{ $jmesPath({n: [{x: 1}, {x: 3}]}, 'n[?x > `2`].x | [0]') }}",
        "x 3",
    ),
    # --- functions
    ("{{ $if(1 > 2, 'a', 'b') }} {{ $if(true, 'a') }} {{ $if(false, 'a') }}", "b a false"),
    ("{{ $if(true, 1, $json.nope.x.y) }}", 1),
    (
        "{{ $ifEmpty('', 'd') }} {{ $ifEmpty([], 'd') }} {{ $ifEmpty(0, 'd') }} {{ $ifEmpty({}, 'd') }}",
        "d d 0 d",
    ),
    (
        "{{ $min(3, 1, 2) }} {{ $max(3, 1, 2) }} {{ min(4, 5) }} {{ average(1, 2, 3) }} {{ $not(0) }}",
        "1 3 4 2 true",
    ),
    ("{{ numberList(1, 3) }}{{ numberList(1, -1) }}", "1,2,31,0,-1"),
    ("{{ zip(['a', 'b'], [1, 2]) }}", {"a": 1, "b": 2}),
    ("{{ zip(['a'], []) }}", ERROR),
    # --- lists
    (
        "{{ [1, 2, 3].first() }}{{ [1, 2, 3].last() }}{{ [1, 2, 3].sum() }}{{ [1, 2].average() }}{{ [].average() }}",
        "1361.50",
    ),
    ("{{ [4, 2].min() }}{{ [4, 2].max() }}", "24"),
    ("{{ ['1', 2].sum() }}", ERROR),
    ("{{ [].isEmpty() }} {{ [1].isNotEmpty() }}", "true true"),
    ("{{ [{v: 1}, {v: 2, w: 3}, 5, {x: 1}].pluck('v') }}", [1, 2]),
    ("{{ [{v: 1, w: 2}].pluck('w', 'v') }}", [[1, 2]]),
    ("{{ [1, 2, {}, {}, 1, [1, 2], [1, 2], null].unique() }}", [1, 2, {}, [1, 2], None]),
    ("{{ [{n: 'a', x: 1}, {n: 'b'}, {n: 'a', x: 2}].unique('n').length }}", 2),
    ("{{ ['a', 'a'].removeDuplicates() }}", ["a"]),
    (
        "{{ [{a: 1, b: 2}, {a: 1, c: 3}].merge([{a: 2, c: 3}, {d: 4}]) }}",
        {"a": 1, "b": 2, "c": 3, "d": 4},
    ),
    ("{{ [{a: 1}, {a: 2, c: 's'}, 2, {b: 3}].merge() }}", {"a": 1, "c": "s", "b": 3}),
    ("{{ [{a: 1}].mergeIntoObject([{b: 2}, {c: 3}]) }}", {"a": 1, "b": 2, "c": 3}),
    ("{{ [{n: 'x', v: 1}, {n: 'y', v: null}].smartJoin('n', 'v') }}", {"x": 1, "y": None}),
    ("{{ [{a: 1}, {b: 2}].renameKeys('a', 'z') }}", [{"z": 1}, {"b": 2}]),
    (
        "{{ [1, 2].union([2, 3]) }}{{ [1, 2].difference([2]) }}{{ [1, 2].intersection([2, 3]) }}",
        "1,2,312",
    ),
    ("{{ [{a: 1}, null, undefined, 0, {b: null}, 'nil', '', {}].compact() }}", [{"a": 1}, 0, {}]),
    ("{{ numberList(1, 5).chunk(2) }}", [[1, 2], [3, 4], [5]]),
    ("{{ [1].chunk(0) }}", ERROR),
    ("{{ [1, 2].append(3, 'x') }}", [1, 2, 3, "x"]),
    ("{{ [true, {a: 'b'}].toJsonString() }}", '[true,{"a":"b"}]'),
    ("{{ [1].toInt() }}", None),
    ("{{ [5].randomItem() }}", 5),
    ("{{ [1, 2]?.sum() }}{{ [1, 2].sum?.() }}", "33"),
    # --- objects
    ("{{ $json.o.values }} {{ $json.o.keys().length }} {{ $json.o.values() }}", "7 2 1,7"),
    (
        "{{ ({}).isEmpty() }} {{ ({a: null}).isEmpty() }} {{ ({a: 1}).hasField('a') }} {{ ({a: 1}).hasField('b') }}",
        "true false true false",
    ),
    ("{{ ({a: 1, b: 2}).removeField('a') }}", {"b": 2}),
    (
        "{{ ({a: 'keep', b: 'x gone', c: 3}).removeFieldsContaining('gone') }}",
        {"a": "keep", "c": 3},
    ),
    ("{{ ({a: 'keep', b: 'x', c: 3}).keepFieldsContaining('ee') }}", {"a": "keep"}),
    ("{{ ({a: 'x'}).keepFieldsContaining('') }}", ERROR),
    ("{{ ({a: 0, b: '', c: 'nil', d: {e: null, f: 1} }).compact() }}", {"a": 0, "d": {"f": 1}}),
    ("{{ ({a: 1, b: 'x y!'}).urlEncode() }}", "a=1&b=x+y%21"),
    ("{{ ({a: 1}).toJsonString() }}", '{"a":1}'),
    ("{{ Object.keys({a: 1}).first() }}", "a"),
    # --- numbers and truth values
    (
        "{{ (1.2).ceil() }}{{ (1.9).floor() }}{{ (-1.7).abs() }}{{ (1.3333).round(2) }}{{ (1.5).round() }}",
        "211.71.332",
    ),
    ("{{ (4).isEven() }} {{ (4).isOdd() }} {{ (4.5).isInteger() }}", "true false false"),
    ("{{ (9.2).isOdd() }}", ERROR),
    ("{{ (0).toBoolean() }} {{ (-1).toBoolean() }} {{ (4.6).toInt() }}", "false true 5"),
    (
        "{{ (1234567.891).format() }} {{ (123456.789).format('de-DE') }}",
        "1,234,567.891 123.456,789",
    ),
    (
        "{{ (1234.5).format('en-US', {style: 'currency', currency: 'USD'}) }} {{ (0.256).format('en-US', {style: 'percent'}) }}",
        "$1,234.50 26%",
    ),
    (
        "{{ (1234.5).toLocaleString() }} {{ (2.345).toLocaleString('en-US', {maximumFractionDigits: 2}) }}",
        "1,234.5 2.35",
    ),
    ("{{ true.toNumber() }}{{ false.toInt() }}{{ true.toBoolean() }}", "10true"),
    (
        "{{ (1704085200000).toDateTime().toISO() }} {{ (42144).toDateTime('excel').toISO() }}",
        "2024-01-01T00:00:00.000-05:00 2015-05-19T20:00:00.000-04:00",
    ),
    ("{{ (1).toDateTime('weeks') }}", ERROR),
    # --- texts
    (
        "{{ ''.isEmpty() }} {{ ' '.isBlank() }} {{ 'a'.isNotEmpty() }} {{ 'abc'.length() }}",
        "true true true 3",
    ),
    ("{{ '12345'.hash() }}", "827ccb0eea8a706c4c34a16891f84e7b"),
    (
        "{{ 'abc'.hash('sha256') }}",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        "{{ 'é'.hash('base64') }} {{ 'n8n test'.base64Encode() }} {{ 'bjhuIHRlc3Q='.base64Decode() }}",
        "w6k= bjhuIHRlc3Q= n8n test",
    ),
    ("{{ 'a'.hash('nope') }}", ERROR),
    ("{{ 'a b&c'.urlEncode() }} {{ 'a%20b'.urlDecode() }}", "a%20b%26c a b"),
    ("{{ '%%%'.urlDecode() }}", ERROR),
    ("{{ '<p>x</p> y'.removeTags() }} {{ '# T\\n**b** [l](u)'.removeMarkdown() }}", "x y T\nb l"),
    (
        "{{ '1.9'.toInt() }} {{ '1.5'.toFloat() }} {{ '$12'.toNumber() }} {{ '1.1'.toWholeNumber() }} {{ '1.1'.toDecimalNumber() }}",
        "1 1.5 12 1 1.1",
    ),
    ("{{ 'x'.toInt() }}", ERROR),
    ("{{ '1,5'.toFloat() }}", ERROR),
    (
        "{{ 'False'.toBoolean() }} {{ 'no'.toBoolean() }} {{ ''.toBoolean() }} {{ 'hi'.toBoolean() }}",
        "false false false true",
    ),
    ("{{ 'say \"a\"'.quote() }}", '"say \\"a\\""'),
    ("{{ '4e4'.isNumeric() }} {{ '1 2'.isNumeric() }} {{ ''.isNumeric() }}", "true false false"),
    (
        "{{ 'https://example.com/p?q=1#f'.isUrl() }} {{ 'www.example.com'.isUrl() }} {{ 'http:///'.isUrl() }}",
        "true false false",
    ),
    (
        "{{ 'example.co.uk'.isDomain() }} {{ 'example..com'.isDomain() }} {{ 'example.com:80'.isDomain() }}",
        "true false true",
    ),
    ("{{ 'a@b.org'.isEmail() }} {{ 'a @ b.org'.isEmail() }}", "true false"),
    (
        "{{ 'at x@y.org or'.extractEmail() }} {{ 'see https://e.net/p?q=1#h now'.extractUrl() }}",
        "x@y.org https://e.net/p?q=1#h",
    ),
    (
        "{{ 'https://www.e.net:80/x?t'.extractDomain() }} {{ 'mailto:j@e.com'.extractDomain() }} {{ 'tel:+1'.extractDomain() }}",
        "www.e.net e.com ",
    ),
    ("{{ 'https://e.com/orders/1#h'.extractUrlPath() }}{{ 'hi'.extractUrlPath() }}", "/orders/1"),
    ("{{ '{\"a\": [1]}'.parseJson() }}", {"a": [1]}),
    ("{{ \"{'a': 1}\".parseJson() }}", ERROR),
    (
        "{{ 'i am a Test! or do i?'.toSentenceCase() }} {{ 'hello. 50%'.toSentenceCase() }}",
        "I am a test! Or do i? Hello. 50%",
    ),
    (
        "{{ 'I am a-test!'.toSnakeCase() }} {{ 'quick and brown fox'.toTitleCase() }}",
        "i_am_a_test Quick and Brown Fox",
    ),
    ("{{ 'déjà Straße'.replaceSpecialChars() }}", "deja Strasse"),
    ("{{ 'a'.toJsonString() }}", '"a"'),
    ("{{ '2022-09-01T19:42:28.164Z'.toDate() }}", "2022-09-01T19:42:28.164Z"),
    ("{{ 'nope'.toDate() }}", ERROR),
    # --- on nothing, and on what has no such method
    ("{{ $json.nope.isEmpty() }} {{ $json.null.isNotEmpty() }}", "true false"),
    ("{{ $json.nope.toInt() }}", ERROR),
    ("{{ $json.nope?.toInt() }}", None),
    ("{{ (5).toTitleCase() }}", ERROR),
    ("{{ $input.first().json.a }}", 1),
    # --- dates
    ("{{ $now.toISO() }}", "2024-06-01T08:00:00.000-04:00"),
    ("{{ $today.toISO() }}", "2024-06-01T00:00:00.000-04:00"),
    ("at {{ $now }}", "at 2024-06-01T08:00:00.000-04:00"),
    ("{{ $now }}", "2024-06-01T08:00:00.000-04:00"),
    ("{{ $now.format('yyyy LLL dd, cccc') }}", "2024 Jun 01, Saturday"),
    ("{{ $now.toFormat(\"HH 'hours and' mm 'minutes'\") }}", "08 hours and 00 minutes"),
    ("{{ $now.setZone('Europe/Berlin').toFormat('HH:mm ZZ z') }}", "14:00 +02:00 Europe/Berlin"),
    ("{{ $now.setZone('Nowhere/Land').isValid }}", False),
    (
        "{{ $now.toUTC().toISO() }} {{ $now.setZone('UTC+5').toISO() }}",
        "2024-06-01T12:00:00.000Z 2024-06-01T17:00:00.000+05:00",
    ),
    (
        "{{ $now.plus({months: 1, days: 1}).toISODate() }} {{ $now.minus(1, 'week').toISODate() }}",
        "2024-07-02 2024-05-25",
    ),
    (
        "{{ DateTime.fromISO('2024-01-31').plus({months: 1}).toISODate() }} {{ DateTime.fromISO('2024-02-29').minus({years: 1}).toISODate() }}",
        "2024-02-29 2023-02-28",
    ),
    (
        "{{ DateTime.fromISO('2024-03-10T01:30').plus({hours: 1}).toISO() }}",
        "2024-03-10T03:30:00.000-04:00",
    ),
    (
        "{{ DateTime.fromISO('2024-03-09T12:00').plus({days: 1}).toISO() }}",
        "2024-03-10T12:00:00.000-04:00",
    ),
    (
        "{{ $now.startOf('week').toISODate() }} {{ $now.endOf('month').toISO() }} {{ $now.startOf('quarter').toISODate() }}",
        "2024-05-27 2024-06-30T23:59:59.999-04:00 2024-04-01",
    ),
    (
        "{{ $now.weekday }} {{ $now.weekNumber }} {{ $now.ordinal }} {{ $now.daysInMonth }} {{ $now.quarter }} {{ $now.monthLong }}",
        "6 22 153 30 2 June",
    ),
    (
        "{{ $now.set({day: 15, hour: 0}).toISO() }} {{ $now.set({weekday: 1}).toISODate() }}",
        "2024-06-15T00:00:00.000-04:00 2024-05-27",
    ),
    (
        "{{ $now.toMillis() }} {{ $now.toSeconds() }} {{ $now.toUnixInteger() }}",
        "1717243200000 1717243200 1717243200",
    ),
    ("{{ $now > DateTime.fromISO('2020-01-01') }} {{ +$now === 1717243200000 }}", "true true"),
    (
        "{{ $now.toSQL() }} | {{ $now.toHTTP() }} | {{ $now.toRFC2822() }}",
        "2024-06-01 08:00:00.000 -04:00 | Sat, 01 Jun 2024 12:00:00 GMT | Sat, 01 Jun 2024 08:00:00 -0400",
    ),
    (
        "{{ DateTime.fromISO('2024-W05-2').toISODate() }} {{ DateTime.fromISO('2024-060').toISODate() }}",
        "2024-01-30 2024-02-29",
    ),
    (
        "{{ DateTime.fromISO('2024-05-01T10:00:00+02:00').toISO() }} {{ DateTime.fromISO('2024-05-01T10:00:00+02:00', {setZone: true}).toISO() }}",
        "2024-05-01T04:00:00.000-04:00 2024-05-01T10:00:00.000+02:00",
    ),
    (
        "{{ DateTime.fromISO('2024-13-01').isValid }} {{ DateTime.fromISO('x').toISO() }} {{ DateTime.fromISO('x').toFormat('yyyy') }}",
        "false  Invalid DateTime",
    ),
    (
        "{{ DateTime.fromFormat('25/12/2024 5:30 PM', 'dd/MM/yyyy h:mm a').toISO() }}",
        "2024-12-25T17:30:00.000-05:00",
    ),
    (
        "{{ DateTime.fromFormat('May 25 1982', 'LLLL dd yyyy').toISODate() }} {{ DateTime.fromFormat('x', 'yyyy').isValid }}",
        "1982-05-25 false",
    ),
    (
        "{{ DateTime.fromSQL('2024-05-01 10:00:00').toISO() }} {{ DateTime.fromHTTP('Sun, 06 Nov 1994 08:49:37 GMT').toUTC().toISO() }}",
        "2024-05-01T10:00:00.000-04:00 1994-11-06T08:49:37.000Z",
    ),
    (
        "{{ DateTime.fromMillis(0).toUTC().toISO() }} {{ DateTime.fromSeconds(1).toMillis() }} {{ DateTime.utc(2024, 2).toISO() }}",
        "1970-01-01T00:00:00.000Z 1000 2024-02-01T00:00:00.000Z",
    ),
    ("{{ DateTime.fromObject({year: 2024, month: 2, day: 30}).isValid }}", False),
    (
        "{{ DateTime.fromISO('2024-05-15').diff(DateTime.fromISO('2024-03-01'), ['months', 'days']).toObject() }}",
        {"months": 2, "days": 14},
    ),
    (
        "{{ DateTime.fromISO('2024-05-01').diff(DateTime.fromISO('2024-05-15'), 'days').days }} {{ Math.round($now.diff($now.minus({hours: 36}), 'days').days * 10) }}",
        "-14 15",
    ),
    ("{{ '2025-01-01'.toDateTime().diffTo('2024-03-30T18:49:07.234', 'days').floor() }}", 276),
    (
        "{{ '2025-01-01T00:00:00.000'.toDateTime().diffTo('2024-03-30T18:49:07.234', ['months', 'days']) }}",
        {"months": 9, "days": 1.2158884953703704},
    ),
    ("{{ $now.diffTo('2024-01-01', 'fortnights') }}", ERROR),
    (
        "{{ $now.hasSame(DateTime.fromISO('2024-06-30'), 'month') }} {{ $now.equals($now) }}",
        "true true",
    ),
    (
        "{{ $now.minus({days: 3}).toRelative({base: $now}) }} {{ $now.plus({days: 1}).toRelativeCalendar({base: $now}) }}",
        "3 days ago tomorrow",
    ),
    (
        "{{ $now.toLocaleString() }} | {{ $now.toLocaleString(DateTime.DATETIME_MED) }} | {{ $now.toLocaleString(DateTime.DATE_HUGE) }}",
        "6/1/2024 | Jun 1, 2024, 8:00 AM | Saturday, June 1, 2024",
    ),
    (
        "{{ $now.setLocale('fr').toFormat('cccc dd LLL yyyy') }} {{ $now.setLocale('de').toFormat('MMMM') }}",
        "samedi 01 juin 2024 Juni",
    ),
    (
        "{{ new Date('2024-05-01T10:20:30Z').toLocaleDateString('en-US', {weekday: 'long', year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC'}) }}",
        "Wednesday, May 1, 2024",
    ),
    (
        "{{ new Date('2024-05-01T10:20:30Z').toLocaleString('en-GB', {timeZone: 'Asia/Kolkata'}) }} {{ new Date('2024-05-01T12:00:00Z').toLocaleDateString('sv-SE') }}",
        "01/05/2024, 15:50:30 2024-05-01",
    ),
    (
        "{{ DateTime.local(2023, 1, 21).isWeekend() }} {{ DateTime.local(2023, 1, 20).extract() }} {{ DateTime.local(2023, 1, 20).extract('month') }}",
        "true 3 1",
    ),
    ("{{ DateTime.local(2023, 1, 20).extract('nope') }}", None),
    (
        "{{ DateTime.local(2023, 1, 20).beginningOf('week').toISODate() }} {{ DateTime.local(2023, 1, 16).endOfMonth().toISODate() }}",
        "2023-01-16 2023-01-31",
    ),
    ("{{ new Date('2024-03-30T18:49:00Z').minus(4, 'years') }}", "2020-03-30T18:49:00.000Z"),
    (
        "{{ $now.isBetween('2020', '2025-06-01') }} {{ $now.isInLast(1) }} {{ $now.isDst() }}",
        "true false true",
    ),
    ("{{ $now.isBetween($now, 'invalid') }}", None),
    ("{{ $now.isBetween($now) }}", ERROR),
    ("{{ $now.toInt() }} {{ $now.isEmpty() }}", "1717243200000 false"),
    ("{{ 'Wed, 21 Oct 2015 07:28:00 GMT'.toDateTime() }}", "2015-10-21T07:28:00.000Z"),
    (
        "{{ '31-01-2024'.toDateTime('dd-MM-yyyy').toISODate() }} {{ '1713976144063'.toDateTime('ms').toMillis() }}",
        "2024-01-31 1713976144063",
    ),
    ("{{ 'hi'.toDateTime() }}", ERROR),
    (
        "{{ $json.iso.format('dd/MM') }} {{ $json.iso.toDateTime().year }} {{ $json.iso.split('T')[0] }}",
        "05/01 2024 2024-01-05",
    ),
    (
        "{{ Duration.fromObject({hours: 25, minutes: 90}).toFormat('hh:mm') }} {{ Duration.fromISO('P1DT2H').as('hours') }}",
        "26:30 26",
    ),
    (
        "{{ Duration.fromMillis(90000).shiftTo('minutes', 'seconds').toObject() }}",
        {"minutes": 1, "seconds": 30},
    ),
    (
        "{{ Interval.fromDateTimes(DateTime.fromISO('2024-05-01'), DateTime.fromISO('2024-05-08')).length('days') }}",
        7,
    ),
    # --- of Node
    (
        "{{ Buffer.from('héllo').toString('base64') }} {{ Buffer.from('aGk=', 'base64').toString() }}",
        "aMOpbGxv hi",
    ),
    (
        "{{ new URL('https://a.b/c/../d?x=1#h').pathname }} {{ new URL('/p', 'https://x.io').href }}",
        "/d https://x.io/p",
    ),
]
PEOPLE = "{p: [{n: 'A', a: 30, t: ['x']}, {n: 'B', a: 20, t: ['y', 'z']}, {n: 'C', a: 41, t: []}] }"
CASES += [
    (f"{{{{ $jmespath({PEOPLE}, {json.dumps(query)}) }}}}", value)
    for query, value in (
        ("p[?a > `20`].n", ["A", "C"]),
        ("p[*].{n: n, a: a} | [0]", {"n": "A", "a": 30}),
        ("p[0:2].a", [30, 20]),
        ("p[::-1].n", ["C", "B", "A"]),
        ("p[].t[]", ["x", "y", "z"]),
        ("p[*].[n, a] | [1]", ["B", 20]),
        ("p[?!t].n", ["C"]),
        ("p[?n == 'A' || contains(t, 'z')].n", ["A", "B"]),
        ("sort_by(p, &a)[-1].n", "C"),
        ("max_by(p, &a).n", "C"),
        ("length(p)", 3),
        ("map(&n, p)", ["A", "B", "C"]),
        ("join('-', p[*].n)", "A-B-C"),
        ("sum(p[*].a)", 91),
        ("keys(p[0]) | sort(@)", ["a", "n", "t"]),
        ("to_string(p[0].a)", "30"),
        ("p[?a >= `30` && a < `41`] | [0].n", "A"),
        ("not_null(q, p[0].n)", "A"),
        ("q.r", None),
        ("p[", ERROR),
        ("nope(p)", ERROR),
    )
]
CASES += [
    (f"{{{{ 'é12345'.hash('{name}') }}}}", hashlib.new(ours, "é12345".encode()).hexdigest())
    for name, ours in (
        ("md5", "md5"),
        ("SHA1", "sha1"),
        ("sha224", "sha224"),
        ("sha256", "sha256"),
        ("sha384", "sha384"),
        ("sha512", "sha512"),
        ("sha3", "sha3_512"),
    )
]


class Found(msgspec.Struct):
    values: list[Any]
    errors: dict[str, str]


async def _evaluated() -> dict[str, Found]:
    settings = Settings()
    config = msgspec.convert(CONFIG, ItemsConfig)
    expressions = expressions_of([f"={text}" for text, _ in CASES])
    inputs = tuple(at_once(one) for one in arrivals_of(config.inputs))
    data = data_of(config, inputs, "run-1", float(NOW))
    given = {**data, "count": 1, "expressions": list(expressions.parts.values()), "texts": {}}
    program = program_of("", tuple(expressions.texts()), given)
    async with open_programs(settings) as sandbox:
        result = await sandbox.run(program, limits_of(settings.code), ())
    told = msgspec.json.decode(result.value, type=list[Found])
    found = dict(zip(expressions.parts, told, strict=True))
    return found | {text: Found([None], {"0": why}) for text, why in expressions.invalid.items()}


@pytest.fixture(scope="module")
def evaluated() -> dict[str, Found]:
    return asyncio.run(_evaluated())


@pytest.mark.parametrize(("text", "value"), CASES, ids=[text[:70] for text, _ in CASES])
def test_an_expression_has_its_value(evaluated: dict[str, Found], text: str, value: Any) -> None:
    found = evaluated[f"={text}"]
    if value is ERROR:
        assert found.errors, found.values
        return
    assert not found.errors
    assert found.values == [value]


async def done(**config: Any) -> Outcome:
    settings = Settings()
    async with open_programs(settings) as sandbox:
        context = RecordingContext(settings)
        context.resource = sandbox
        settled = msgspec.convert({**CONFIG, **config}, ItemsConfig)
        return await items_node.run_items(context, settled, {})


async def test_an_item_whose_expression_fails_fails_alone() -> None:
    parameters = {
        "url": "=/{{ $json.tags.first() }}",
        "fixed": "{{ x }}",
        "more": [{"n": "={{ $json.a }}"}],
    }
    found = await done(parameters=parameters, settings={"on_error": "continue"})
    first, second = found.outputs["resolved"]
    assert first == {"url": "/x", "fixed": "{{ x }}", "more": [{"n": 1}]}
    assert second == {
        "error": "the expression `/{{ $json.tags.first() }}` failed: first cannot be used on undefined"
    }
