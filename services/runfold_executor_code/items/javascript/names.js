// What expressions and programs of an n8n node find by name: $json, $input, $('Orders') …
//
// Gives `kit.open(data)`: the names over one step's data, and what evaluates expressions with them.
(kit) => {
'use strict';
const own = (value, key) => Object.hasOwn(value, key);
const WITHHELD = new Set(
  ('document global window Window globalThis self alert prompt confirm eval uneval setTimeout ' +
   'setInterval setImmediate queueMicrotask Function require module fetch XMLHttpRequest Promise ' +
   'Generator GeneratorFunction AsyncFunction AsyncGenerator AsyncGeneratorFunction WebAssembly ' +
   'Reflect Proxy constructor escape unescape').split(' '));
const CHANGES = /\.(?:pop|push|shift|unshift|splice|sort|reverse|fill|copyWithin|assign)\b|\bdelete\b|[^=!<>]=(?![=>])|\+\+|--/;
const EMPTY = Object.freeze({ json: {} });

// An error that ends the evaluation of an item. All others leave a part undefined.
class ExpressionError extends Error {
  constructor(message) { super(message); this.name = 'ExpressionError'; }
}
kit.ExpressionError = ExpressionError;
kit.functions = Object.create(null);
kit.extend = (value, name, given) => value[name](...given);

kit.open = (data) => {
  kit.data = data;
  const step = { index: 0 };
  const items = [...data.items ?? []];
  const others = data.others ?? {};
  const provided = data.provided ?? {};
  const statics = {};
  kit.addMethods?.();

  // --- other nodes ------------------------------------------------------------------------------

  function executed(name) {
    const node = own(others, name) ? others[name] : null;
    if (!node || typeof node.ports !== 'object' || node.ports === null)
      throw new ExpressionError(`node "${name}" has not been executed`);
    return node;
  }
  // Expressions are given lists of their own: what one changes, no other sees.
  const told = (list) => (data.expressions ? [...list] : list);
  const placeOf = (name, index) => (data.links?.[index] ?? {})[name];
  // The round of the loop that a node's items are of, as they say themselves.
  function roundOf(name) {
    for (const links of Object.values(others[name].links ?? {}))
      for (const link of Array.isArray(links) ? links : [])
        if (link?.[name] !== undefined) return link[name]?.[2] ?? 0;
    return 0;
  }
  // The output that leads here: as the item says, else as the node does, else the first with items.
  function usualOutput(name, ports) {
    const place = placeOf(name, step.index);
    if (typeof place === 'number') return 0;
    if (Array.isArray(place)) return place[0];
    return others[name].output ?? Object.keys(ports).find((one) => ports[one]?.length) ?? 0;
  }
  // `run`: -1 is the one that leads here. Of nodes in loops the last round is known, and each one
  // where a text asks for it by its number.
  const listed = (name, output, run = -1) => {
    const { ports, runs, run: near, rounds } = executed(name);
    if (run !== -1 && Array.isArray(rounds)) {
      if (!rounds[run]?.ports) throw new ExpressionError(`node "${name}" has no run ${run}`);
      return rounds[run].ports[String(output ?? 0)] ?? [];
    }
    if (run !== -1 && (runs ? !runs[run] : run !== roundOf(name)))
      throw new ExpressionError(`run ${run} of node "${name}" is not known: only its last one is`);
    const port = String(output ?? usualOutput(name, ports));
    const all = ports[port] ?? [];
    return runs ? all.slice(...runs[run === -1 ? near : run][port] ?? [0, 0]) : all;
  };
  function paired(name, index) {
    const { ports } = executed(name);
    const place = placeOf(name, index);
    const [output, at, round = 0] = Array.isArray(place) ? place : [0, place];
    if (typeof at === 'number' && round !== roundOf(name) && others[name].links)
      throw new ExpressionError(
        `item ${index} was made in round ${round} of the loop, and of node "${name}" the last round ` +
        'is known: use .first(), .last() or .all()');
    const found = typeof at === 'number' ? (ports[output] ?? [])[at] : undefined;
    if (found !== undefined) return found;
    if (place === null)
      throw new ExpressionError(
        `several items of node "${name}" lead to item ${index}: use .first(), .last() or .all()`);
    const all = Object.values(ports).flat();
    if (all.length === 1) return all[0];
    throw new ExpressionError(
      `item ${index} does not say which item of node "${name}" it was made of: ` +
      'use .first(), .last() or .all()');
  }

  function selected(name) {
    name = String(name);
    return {
      get isExecuted() { return Boolean(others[name]?.ports); },
      get item() { return paired(name, step.index); },
      itemMatching: (index) => paired(name, index),
      pairedItem: (index) => paired(name, index ?? step.index),
      first: (output, run) => listed(name, output, run)[0],
      last: (output, run) => listed(name, output, run).at(-1),
      all: (output, run) => told(listed(name, output, run)),
      get params() { return (data.written ?? {})[name] ?? {}; },
      get context() { return executed(name).context ?? {}; },
    };
  }
  function byIndex(name, index) {
    const list = listed(name);
    if (index < list.length && placeOf(name, index) === undefined) return list[index];
    try {
      return paired(name, index);
    } catch (error) {
      if (index < list.length) return list[index];
      throw error;
    }
  }
  const nodeAt = (index) => new Proxy(Object.create(null), {
    get(_target, name) {
      if (typeof name !== 'string') return undefined;
      return {
        get json() { return byIndex(name, index()).json; },
        get data() { return byIndex(name, index()).json; },
        get binary() { return byIndex(name, index()).binary ?? {}; },
        get parameter() { return (data.written ?? {})[name] ?? {}; },
        get context() { return executed(name).context ?? {}; },
        get isExecuted() { return Boolean(others[name]?.ports); },
        runIndex: data.run_index ?? 0,
      };
    },
    has: (_target, name) => own(others, name),
  });

  // --- names ------------------------------------------------------------------------------------

  const own_parameter = (value) => {
    if (typeof value === 'string')
      return own(data.texts ?? {}, value) ? evaluate(data.texts[value]) : value;
    if (typeof value !== 'object' || value === null) return value;
    return new Proxy(value, { get: (target, key) => own_parameter(target[key]) });
  };
  const input = {
    all: () => told(items),
    first: () => items[0],
    last: () => items.at(-1),
    get item() { return items[step.index]; },
    get params() { return (data.written ?? {})[data.prev?.node] ?? {}; },
    get context() { return data.state ?? {}; },
  };
  const absent = (value, what) => new Proxy(value ?? {}, {
    get(target, key) {
      if (typeof key !== 'string' || own(target, key)) return target[key];
      throw new ExpressionError(`${what}.${key} is not given: declare it where the workflow runs`);
    },
  });
  const metadata = {};
  const execution = {
    id: data.execution_id ?? '', mode: provided.mode ?? 'production',
    resumeUrl: provided.resume_url ?? '', resumeFormUrl: provided.resume_url ?? '',
    customData: {
      set(key, value) { typeof key === 'object' ? Object.assign(metadata, key) : (metadata[key] = value); },
      setAll(values) { Object.assign(metadata, values); },
      get: (key) => metadata[key],
      getAll: () => ({ ...metadata }),
    },
  };
  function fromAI(name, _description, _type, otherwise) {
    const given = provided.from_ai ?? {};
    if (own(given, name)) return given[name];
    if (otherwise !== undefined) return otherwise;
    throw new ExpressionError(`$fromAI("${name}") has a value only where a model called the tool`);
  }
  const staticData = (type = 'global') => (statics[type] ??= {});
  const at = (index) => ({
    get $json() { return (items[index()] ?? EMPTY).json; },
    get $data() { return (items[index()] ?? EMPTY).json; },
    get $binary() { return (items[index()] ?? EMPTY).binary ?? {}; },
    get $thisItem() { return items[index()]; },
    get $itemIndex() { return index(); },
    get $position() { return index(); },
    $node: nodeAt(index),
  });
  const names = Object.defineProperties({
    $: selected,
    $input: input,
    $items: (name, output, run) =>
      told(name === undefined ? items : listed(String(name), output ?? 0, run)),
    $item: (index) => at(() => Number(index)),
    $runIndex: data.run_index ?? 0,
    $mode: execution.mode,
    $workflow: { active: false, ...data.workflow },
    $execution: execution,
    $executionId: execution.id,
    $env: absent(provided.env, '$env'),
    $vars: provided.vars ?? {},
    $secrets: absent(provided.secrets, '$secrets'),
    $prevNode: {
      name: data.prev?.node ?? '', outputIndex: data.prev?.output ?? 0, runIndex: data.run_index ?? 0,
    },
    $nodeVersion: data.version,
    $rawParameter: data.parameters ?? {},
    get $parameter() { return own_parameter(data.parameters ?? {}); },
    get $now() { return kit.DateTime.fromMillis(data.now); },
    get $today() { return kit.DateTime.fromMillis(data.now).startOf('day'); },
    // Of requests with several pages.
    $response: provided.page?.response, $request: provided.page?.request,
    $pageCount: provided.page?.count,
    $fromAI: fromAI, $fromAi: fromAI, $fromai: fromAI,
    $getPairedItem: paired,
    $getWorkflowStaticData: staticData, getWorkflowStaticData: staticData,
    $jmespath: (value, query) => kit.jmespath(value, query),
    $jmesPath: (value, query) => kit.jmespath(value, query),
    get DateTime() { return kit.DateTime; },
    get Duration() { return kit.Duration; },
    get Interval() { return kit.Interval; },
    $evaluateExpression: (text) => evaluate([[String(text).replace(/^=?\s*\{\{|\}\}\s*$/g, '')]]),
  }, Object.getOwnPropertyDescriptors(at(() => step.index)));
  for (const name of ['min', 'max']) kit.functions[name] = kit.functions[`$${name}`] = Math[name];

  // --- expressions ------------------------------------------------------------------------------

  // All names are in scope: those that nothing has are undefined, as in n8n, and those that lead out
  // of an expression are an empty object.
  const scope = new Proxy(names, {
    has: (_target, name) => typeof name === 'string' && !name.startsWith('__'),
    get(target, name) {
      if (typeof name !== 'string') return undefined;
      if (own(target, name)) return target[name];
      if (WITHHELD.has(name)) return {};
      return name in kit.functions ? kit.functions[name] : globalThis[name];
    },
    set(_target, name, value) { kit.functions[name] = value; return true; },
  });
  const compiled = new Map();
  const made = (code) =>
    new Function('__scope', '__extend', `with (__scope) { return (${code}\n) }`);
  function functionOf(code) {
    if (compiled.has(code)) return compiled.get(code);
    let found;
    try {
      found = made(code);
    } catch (error) {
      // A statement may end with its line: only the first one counts.
      const lines = code.split('\n');
      while (!found && lines.pop() !== undefined && lines.length) {
        try { found = made(lines.join('\n')); } catch { /* a longer part of it is not one either */ }
      }
      found ??= () => { throw new ExpressionError(`invalid syntax: ${error.message}`); };
    }
    compiled.set(code, found);
    return found;
  }
  function valueOf(code) {
    try {
      return functionOf(code)(scope, kit.extend);
    } catch (error) {
      if (error instanceof ExpressionError || error instanceof InternalError) throw error;
      const called = error instanceof TypeError && /'?__x_(\w+)'? of (null|undefined)/.exec(error.message);
      if (called) throw new ExpressionError(`${called[1]} cannot be used on ${called[2]}`);
      return undefined;
    }
  }
  // One part keeps its type; several are joined as text.
  function evaluate(parts) {
    const pristine = items[step.index];
    if (pristine === undefined || !parts.some((part) => typeof part !== 'string' && CHANGES.test(part[0])))
      return joined(parts);
    items[step.index] = JSON.parse(JSON.stringify(pristine));
    try {
      return joined(parts);
    } finally {
      items[step.index] = pristine;
    }
  }
  function joined(parts) {
    if (parts.length === 1 && typeof parts[0] === 'string') return parts[0];
    if (parts.length === 1) {
      const value = valueOf(parts[0][0]);
      if (typeof value === 'function')
        throw new ExpressionError('this is a function: call it, with ()');
      return value;
    }
    return parts.map((part) => {
      if (typeof part === 'string') return part;
      const value = valueOf(part[0]);
      if (data.objects_as_json) return typeof value === 'object' ? JSON.stringify(value) : `${value}`;
      return value || value === 0 || value === false ? value : '';
    }).join('');
  }
  return { step, names, items, scope, evaluate };
};

// Each expression for each item, as JSON text: `[{"values": […], "errors": {index: message}}, …]`.
kit.run = (_program, data) => {
  const opened = kit.open(data);
  const told = [];
  for (const parts of data.expressions) {
    const values = [], errors = {}, missing = [];
    for (let index = 0; index < data.count; index++) {
      opened.step.index = index;
      let text = 'null';
      try {
        const value = opened.evaluate(parts);
        if (value === undefined) missing.push(index);
        text = JSON.stringify(value) ?? 'null';
      } catch (error) {
        if (error instanceof InternalError) throw error;
        errors[index] = String(error?.message ?? error).slice(0, 1000);
      }
      values.push(text);
    }
    told.push(
      `{"values":[${values.join(',')}],"errors":${JSON.stringify(errors)},` +
      `"missing":${JSON.stringify(missing)}}`);
  }
  return `[${told.join(',')}]`;
};
}
