const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/try-node-RylSmJHx.js","assets/rolldown-runtime-SbdDWaPq.js","assets/index-DgqGT2MN.js","assets/jsx-runtime-CgfO9KJ9.js","assets/useRouter-BYKvPzlY.js","assets/matchContext-ddUZaM3t.js","assets/with-selector-CGDzH67W.js","assets/client-wO5ukrQM.js","assets/language-Xe_YX1Uf.js","assets/index-bunBGAdX.css","assets/value-field-DkTCUgQt.js","assets/browser-Db3gSaeH.js","assets/use-session-DQZEl8qy.js","assets/graph-BJzTqG0k.js","assets/text-DGbDzIRL.js","assets/numbers-DREmUqdS.js","assets/status-C2sby_He.js","assets/run-dialog-BgY8eJnN.js","assets/publish-dialog-BlZ1Q9H2.js","assets/editor-canvas-CiNeqz52.js","assets/canvas-BD_Xwwj9.js","assets/sizes-DTeVdb2Y.js","assets/canvas-B0M02-26.css","assets/merge-dialog-hMzOLUQD.js","assets/code-mirror-zxwEIo1K.js","assets/code-mirror-C1TuNsJ5.css","assets/versions-Cqiuw6rA.js"])))=>i.map(i=>d[i]);
import { n as __exportAll, r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, f as useParams, o as Problem, p as useQuery, s as visible, t as __vitePreload } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { S as editorTexts, _ as withValue, a as addNode, b as open, c as freeId, d as refusalOf, f as removeNodes, g as valueAt, h as isObject, i as prefixOf, l as isId, m as edgesOf, o as connect, p as withEdgesWritten, r as useDesk, s as disconnect, t as makeDesk, u as putBetween, y as mediaType } from "./use-session-DQZEl8qy.js";
import { t as useRouter } from "./useRouter-BYKvPzlY.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { t as later } from "./later-ChubzJjt.js";
import { l as layout, n as sizeOf, r as DRAGGED_KIND } from "./sizes-DTeVdb2Y.js";
import { a as formTexts, c as useForm, i as TextField, n as TreeField, o as CodeEditor, r as ValueField, s as FormContext, t as NumberField } from "./value-field-DkTCUgQt.js";
import { i as stringify, n as parse } from "./browser-Db3gSaeH.js";
import { r as call } from "./client-wO5ukrQM.js";
import { r as clock } from "./numbers-DREmUqdS.js";
// node_modules/@tanstack/react-router/dist/esm/useBlocker.js
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
function _resolveBlockerOpts(opts, condition) {
	if (opts === void 0) return {
		shouldBlockFn: () => true,
		withResolver: false
	};
	if ("shouldBlockFn" in opts) return opts;
	if (typeof opts === "function") {
		const shouldBlock = Boolean(condition ?? true);
		const _customBlockerFn = async () => {
			if (shouldBlock) return await opts();
			return false;
		};
		return {
			shouldBlockFn: _customBlockerFn,
			enableBeforeUnload: shouldBlock,
			withResolver: false
		};
	}
	const shouldBlock = Boolean(opts.condition ?? true);
	const fn = opts.blockerFn;
	const _customBlockerFn = async () => {
		if (shouldBlock && fn !== void 0) return await fn();
		return shouldBlock;
	};
	return {
		shouldBlockFn: _customBlockerFn,
		enableBeforeUnload: shouldBlock,
		withResolver: fn === void 0
	};
}
function useBlocker(opts, condition) {
	const { shouldBlockFn, enableBeforeUnload = true, disabled = false, withResolver = false } = _resolveBlockerOpts(opts, condition);
	const router = useRouter();
	const { history } = router;
	const [resolver, setResolver] = import_react.useState({
		status: "idle",
		current: void 0,
		next: void 0,
		action: void 0,
		proceed: void 0,
		reset: void 0
	});
	import_react.useEffect(() => {
		const blockerFnComposed = async (blockerFnArgs) => {
			function getLocation(location) {
				const parsedLocation = router.parseLocation(location);
				const [, rawParams, foundRoute] = router.getMatchedRoutes(parsedLocation.pathname);
				if (foundRoute === void 0) return {
					routeId: "__notFound__",
					fullPath: parsedLocation.pathname,
					pathname: parsedLocation.pathname,
					params: rawParams,
					search: router.options.parseSearch(location.search)
				};
				return {
					routeId: foundRoute.id,
					fullPath: foundRoute.fullPath,
					pathname: parsedLocation.pathname,
					params: rawParams,
					search: router.options.parseSearch(location.search)
				};
			}
			const current = getLocation(blockerFnArgs.currentLocation);
			const next = getLocation(blockerFnArgs.nextLocation);
			if (current.routeId === "__notFound__" && next.routeId !== "__notFound__") return false;
			const shouldBlock = await shouldBlockFn({
				action: blockerFnArgs.action,
				current,
				next
			});
			if (!withResolver) return shouldBlock;
			if (!shouldBlock) return false;
			const canNavigateAsync = await new Promise((resolve) => {
				setResolver({
					status: "blocked",
					current,
					next,
					action: blockerFnArgs.action,
					proceed: () => resolve(false),
					reset: () => resolve(true)
				});
			});
			setResolver({
				status: "idle",
				current: void 0,
				next: void 0,
				action: void 0,
				proceed: void 0,
				reset: void 0
			});
			return canNavigateAsync;
		};
		return disabled ? void 0 : history.block({
			blockerFn: blockerFnComposed,
			enableBeforeUnload
		});
	}, [
		shouldBlockFn,
		enableBeforeUnload,
		disabled,
		withResolver,
		history,
		router
	]);
	return resolver;
}
// node_modules/zustand/esm/react.mjs
var identity = (arg) => arg;
function useStore(api, selector = identity) {
	const slice = import_react.useSyncExternalStore(api.subscribe, import_react.useCallback(() => selector(api.getState()), [api, selector]), () => selector(api.getInitialState()));
	import_react.useDebugValue(slice);
	return slice;
}
// src/screens/editor/dialog.tsx
/** A native dialog that is open for as long as it is drawn. */
var import_jsx_runtime = require_jsx_runtime();
function Dialog({ title, close, wide = false, children }) {
	const t = useTexts(editorTexts);
	const dialog = (0, import_react.useRef)(null);
	const id = (0, import_react.useId)();
	(0, import_react.useEffect)(() => {
		dialog.current?.showModal();
		dialog.current?.querySelector("[data-first]")?.focus();
	}, []);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("dialog", {
		ref: dialog,
		className: wide ? "wide" : void 0,
		"aria-labelledby": id,
		onClose: close,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row spread dialog-head",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", {
				id,
				children: title
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				"aria-label": t.close,
				onClick: close,
				children: "✕"
			})]
		}), children]
	});
}
// src/ui/fold.tsx
/** Something that can be folded away; whoever opened or closed it decides from then on. */
function Fold({ title, open, className, aside, children }) {
	const [isOpen, setOpen] = (0, import_react.useState)(open);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "fold-head",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "plain fold",
				"aria-expanded": isOpen,
				onClick: () => setOpen(!isOpen),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					"aria-hidden": "true",
					children: isOpen ? "▾" : "▸"
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "cut",
					children: title
				})]
			}), aside]
		}), isOpen && children]
	});
}
// src/forms/schema.ts
/** What a form shows of a JSON Schema: fields with their widgets, in groups and in order. No React. */
var DEEPEST = 20;
/** A schema with the definitions that it refers to in their place, one level deep. */
function resolved(schema, root) {
	let here = isObject(schema) ? schema : {};
	for (let depth = 0; depth < DEEPEST && typeof here.$ref === "string"; depth += 1) {
		const { $ref, ...beside } = here;
		here = {
			...definitionAt(String($ref), root),
			...beside
		};
	}
	return here;
}
function definitionAt(reference, root) {
	const found = reference.replace(/^#\/?/, "").split("/").filter((step) => step !== "").reduce((here, step) => isObject(here) ? here[step.replaceAll("~1", "/").replaceAll("~0", "~")] : void 0, root);
	return isObject(found) ? found : {};
}
/** The fields of an object's schema, by `x-order`. */
function fieldsOf(schema, root) {
	const properties = isObject(schema.properties) ? schema.properties : {};
	const required = Array.isArray(schema.required) ? schema.required : [];
	return Object.entries(properties).map(([name, one]) => fieldOf(name, one, root, required.includes(name))).sort((a, b) => orderOf(a.schema) - orderOf(b.schema));
}
function fieldOf(name, written, root, required) {
	const schema = resolved(written, root);
	return {
		name,
		schema,
		widget: widgetOf(schema, root),
		group: typeof schema["x-group"] === "string" ? schema["x-group"] : "main",
		description: typeof schema.description === "string" ? schema.description : "",
		required,
		examples: Array.isArray(schema.examples) ? schema.examples : [],
		default: schema.default,
		options: optionsOf(schema, root)
	};
}
function orderOf(schema) {
	return typeof schema["x-order"] === "number" ? schema["x-order"] : Number.MAX_SAFE_INTEGER;
}
/** Fields by group, `main` first; groups and fields keep their order. */
function groupsOf(fields) {
	const found = /* @__PURE__ */ new Map([["main", []]]);
	for (const field of fields) found.set(field.group, [...found.get(field.group) ?? [], field]);
	return [...found].filter(([, all]) => all.length > 0).map(([name, all]) => ({
		name,
		fields: all
	}));
}
/** The parts of a union but null, with what they refer to in their place. */
function variantsOf(schema, root) {
	const parts = schema.anyOf ?? schema.oneOf;
	if (!Array.isArray(parts)) return [schema];
	return parts.map((part) => resolved(part, root)).filter((part) => part.type !== "null").flatMap((part) => variantsOf(part, root));
}
function optionsOf(schema, root) {
	return variantsOf(schema, root).flatMap((part) => {
		if (Array.isArray(part.enum)) return part.enum;
		return "const" in part ? [part.const] : [];
	});
}
/** What a setting is filled in with: as its hint says, else as its type lets one guess. */
function widgetOf(schema, root) {
	const hint = schema["x-widget"];
	if (typeof hint === "string") return hint;
	if (optionsOf(schema, root).length > 0) return "choice";
	const types = new Set(variantsOf(schema, root).map((part) => part.type));
	const [type] = types;
	if (types.size !== 1) return "value";
	return widgetOfType(String(type), variantsOf(schema, root)[0] ?? {}, root);
}
function widgetOfType(type, schema, root) {
	if (type === "string") return "text";
	if (type === "boolean") return "boolean";
	if (type === "integer" || type === "number") return "number";
	if (type === "array") return hasProperties(schema.items, root) ? "objects" : "list";
	if (type !== "object") return "value";
	if (isObject(schema.properties)) return "object";
	return hasProperties(schema.additionalProperties, root) ? "named_objects" : "key_values";
}
function hasProperties(schema, root) {
	return variantsOf(resolved(schema, root), root).some((part) => isObject(part.properties));
}
/** The part of a union that a value is of: by its discriminator, else by the keys that it has. */
function variantFor(value, schema, root) {
	const variants = variantsOf(schema, root);
	if (!isObject(value)) {
		const found = variants.findIndex((part) => isOfType(value, part));
		return Math.max(0, found);
	}
	const scores = variants.map((part) => scoreOf(value, part));
	return Math.max(0, scores.indexOf(Math.max(...scores)));
}
function isOfType(value, schema) {
	if (schema.type === "string") return typeof value === "string";
	if (schema.type === "number" || schema.type === "integer") return typeof value === "number";
	if (schema.type === "boolean") return typeof value === "boolean";
	return schema.type === "array" && Array.isArray(value);
}
function scoreOf(value, schema) {
	if (!isObject(schema.properties)) return schema.type === "object" ? 0 : -1;
	let score = 0;
	for (const [name, inner] of Object.entries(schema.properties)) {
		if (!(name in value) || !isObject(inner)) continue;
		const only = "const" in inner ? [inner.const] : Array.isArray(inner.enum) ? inner.enum : null;
		if (only === null) score += 1;
		else score += only.includes(value[name]) ? 10 : -10;
	}
	return score;
}
/** The name of a union's part, for people. */
function variantName(schema) {
	for (const inner of Object.values(isObject(schema.properties) ? schema.properties : {})) {
		if (isObject(inner) && Array.isArray(inner.enum) && inner.enum.length === 1) return String(inner.enum[0]);
		if (isObject(inner) && "const" in inner) return String(inner.const);
	}
	return typeof schema.title === "string" ? schema.title : String(schema.type ?? "");
}
/** What a new value of a schema begins as: with what tells a union's parts apart, and nothing more. */
function beginningOf(schema) {
	if (isObject(schema.properties)) {
		const known = Object.entries(schema.properties).flatMap(([name, inner]) => {
			if (!isObject(inner)) return [];
			if ("const" in inner) return [[name, inner.const]];
			return Array.isArray(inner.enum) && inner.enum.length === 1 ? [[name, inner.enum[0]]] : [];
		});
		return Object.fromEntries(known);
	}
	if (schema.type === "array") return [];
	if (schema.type === "object") return {};
	if (schema.type === "boolean") return false;
	if (schema.type === "number" || schema.type === "integer") return 0;
	return "";
}
/** Whether a value is a reference or a template instead of a plain value. */
function isTemplate(value) {
	if (typeof value === "string") return value.includes("{{") || value.includes("{%");
	return isObject(value) && Object.keys(value).length === 1 && typeof value.ref === "string";
}
/** Names of a configuration that its schema does not know. */
function unknownKeys(value, schema) {
	const properties = isObject(schema.properties) ? schema.properties : {};
	return isObject(value) ? Object.keys(value).filter((key) => !Object.hasOwn(properties, key)) : [];
}
// src/forms/list-field.tsx
/** Lists of values, and values by name. */
function ListField(props) {
	const { id, label, value, set, part } = props;
	const t = useTexts(formTexts);
	if (isTemplate(value) || typeof value === "string" && value !== "") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label,
		value: String(value),
		tell: (text) => set(text || void 0, true)
	});
	if (value !== void 0 && value !== null && !Array.isArray(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const list = Array.isArray(value) ? value : [];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [list.map((one, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row-line",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
				id: index === 0 ? id : `${id}-${index}`,
				label: `${label} ${index + 1}`,
				value: one,
				set: (next, isTyping) => part([index], next ?? "", isTyping)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name: `${label} ${index + 1}`,
				remove: () => list.length > 1 ? part([index], void 0) : set(void 0)
			})]
		}, index)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			"aria-label": t.addTo(label),
			onClick: () => part([list.length], ""),
			children: t.add
		})]
	});
}
function RemoveButton({ name, remove }) {
	const t = useTexts(formTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		className: "plain remove",
		"aria-label": t.remove(name),
		onClick: remove,
		children: "✕"
	});
}
function KeyValuesField(props) {
	const { id, label, value, set, part, rename } = props;
	if (isTemplate(value) || typeof value === "string") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label,
		value: typeof value === "string" ? value : "",
		tell: (text) => set(text || void 0, true)
	});
	if (value !== void 0 && value !== null && !isObject(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const pairs = Object.entries(isObject(value) ? value : {});
	const names = pairs.map(([name]) => name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [pairs.map(([name, one], index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "pair",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NameField, {
					name,
					taken: names,
					rename: (next) => rename(name, next)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
					id: index === 0 ? id : `${id}-${index}`,
					label: name,
					value: one,
					set: (next, isTyping) => part([name], next ?? "", isTyping)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
					name,
					remove: () => pairs.length > 1 ? part([name], void 0) : set(void 0)
				})
			]
		}, index)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AddNamed, {
			label,
			taken: names,
			add: (name) => part([name], "")
		})]
	});
}
/** A name that changes when it is left; one that is taken is not taken over. */
function NameField({ name, taken, rename }) {
	const t = useTexts(formTexts);
	const [typed, setTyped] = (0, import_react.useState)(null);
	const text = typed ?? name;
	const isTaken = text !== name && taken.includes(text);
	const done = () => {
		if (text !== "" && text !== name && !isTaken) rename(text);
		setTyped(null);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "name-field",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			className: "mono",
			"aria-label": t.name,
			"aria-invalid": isTaken || void 0,
			value: text,
			onChange: (event) => setTyped(event.target.value),
			onBlur: done,
			onKeyDown: (event) => {
				if (event.key === "Enter") done();
			}
		}), isTaken && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "field-problem",
			role: "status",
			children: t.sameName
		})]
	});
}
/** Adds an entry under a name that is typed. */
function AddNamed({ label, taken, add }) {
	const t = useTexts(formTexts);
	const [name, setName] = (0, import_react.useState)("");
	const isTaken = taken.includes(name);
	const done = () => {
		if (name === "" || isTaken) return;
		add(name);
		setName("");
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row-line",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			className: "mono",
			"aria-label": `${t.addTo(label)}: ${t.name}`,
			placeholder: t.name,
			value: name,
			"aria-invalid": isTaken || void 0,
			onChange: (event) => setName(event.target.value),
			onKeyDown: (event) => {
				if (event.key !== "Enter") return;
				event.preventDefault();
				done();
			}
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			"aria-label": t.addTo(label),
			disabled: name === "" || isTaken,
			onClick: done,
			children: t.add
		})]
	});
}
// src/forms/bodies-field.tsx
/** The bodies of a composite: what is in them is edited on the canvas, which there are is said here. */
function BodiesField(props) {
	const { label, value, set, part, rename, widget } = props;
	const t = useTexts(formTexts);
	if (widget === "nodes") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
		className: "muted",
		children: t.onCanvas(countOf({ nodes: value }))
	});
	if (widget === "body") return isObject(value) && Array.isArray(value.nodes) ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "row-line",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
			className: "muted",
			children: t.onCanvas(countOf(value))
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
			name: label,
			remove: () => set(void 0)
		})]
	}) : value === void 0 || value === null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
		type: "button",
		onClick: () => set({ nodes: [] }),
		children: t.addBody
	}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	if (value !== void 0 && value !== null && !isObject(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const pairs = Object.entries(isObject(value) ? value : {});
	const names = pairs.map(([name]) => name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [pairs.map(([name, body]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "pair",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NameField, {
					name,
					taken: names,
					rename: (next) => rename(name, next)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "muted",
					children: t.onCanvas(countOf(body))
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
					name,
					remove: () => part([name], void 0)
				})
			]
		}, name)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AddNamed, {
			label,
			taken: names,
			add: (name) => part([name], { nodes: [] })
		})]
	});
}
function countOf(body) {
	return isObject(body) && Array.isArray(body.nodes) ? body.nodes.length : 0;
}
// src/forms/condition-forms.ts
/** The forms in which a condition is written, and what each begins as. */
var FORMS = [
	"rule",
	"all",
	"any",
	"expression"
];
var OPERATORS = [
	...[
		"equals",
		"not_equals",
		">",
		">=",
		"<",
		"<=",
		"contains",
		"not_contains",
		"starts_with"
	],
	...[
		"ends_with",
		"matches",
		"in",
		"not_in",
		"all_of",
		"empty",
		"not_empty",
		"is_null",
		"not_null"
	],
	...[
		"exists",
		"not_exists",
		"is_true",
		"is_false",
		"length_eq",
		"length_gt",
		"length_gte"
	],
	...["length_lt", "length_lte"]
];
var UNARY = /* @__PURE__ */ new Set([...[
	"empty",
	"not_empty",
	"is_null",
	"not_null",
	"exists",
	"not_exists",
	"is_true",
	"is_false"
]]);
function isUnary(operator) {
	return UNARY.has(operator);
}
/** How a condition is written; null when it is in none of these ways. */
function formOf(value) {
	if (value === void 0 || value === null) return "rule";
	if (typeof value === "string" || typeof value === "boolean") return "expression";
	if (!isObject(value)) return null;
	const keys = Object.keys(value);
	if (keys.length === 1 && Array.isArray(value.and)) return "all";
	if (keys.length === 1 && Array.isArray(value.or)) return "any";
	return keys.every((key) => [
		"left",
		"operator",
		"right"
	].includes(key)) ? "rule" : null;
}
function partsOf(value, key) {
	const parts = isObject(value) ? value[key] : void 0;
	return Array.isArray(parts) ? parts : [];
}
/** A condition in another form, with what of it fits there. */
function beginning(form, value) {
	const was = formOf(value);
	const parts = was === "all" ? partsOf(value, "and") : was === "any" ? partsOf(value, "or") : null;
	if (form === "expression") return "";
	if (form === "rule") {
		const [first] = parts ?? [];
		return formOf(first) === "rule" && isObject(first) ? first : {
			left: "",
			operator: "equals",
			right: ""
		};
	}
	const inside = parts ?? (was === "rule" && isObject(value) ? [value] : [beginning("rule", void 0)]);
	return { [form === "all" ? "and" : "or"]: inside };
}
// src/forms/condition.tsx
/** Conditions: comparisons, all or any of several, or an expression as text. */
function ConditionField(props) {
	const { id, label, value, set } = props;
	const t = useTexts(formTexts);
	const form = formOf(value);
	if (form === null) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "sub-form",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
			id,
			"aria-label": `${label}: ${t.condition}`,
			value: form,
			onChange: (event) => set(beginning(event.target.value, value)),
			children: FORMS.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: one,
				children: t[one]
			}, one))
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConditionBody, {
			...props,
			form
		})]
	});
}
function ConditionBody({ id, label, value, set, form }) {
	const t = useTexts(formTexts);
	if (form === "expression") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id: `${id}-text`,
		label,
		value: typeof value === "boolean" ? value ? "True" : "False" : String(value ?? ""),
		tell: (text) => set(text || void 0, true)
	});
	if (form === "rule") return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Rule, {
		id,
		label,
		value,
		set
	});
	const key = form === "all" ? "and" : "or";
	const parts = partsOf(value, key);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [parts.map((part, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row-line",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConditionField, {
				id: `${id}-${index}`,
				label: `${label} ${index + 1}`,
				value: part,
				set: (next, isTyping) => set({ [key]: parts.with(index, next ?? "") }, isTyping)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name: `${label} ${index + 1}`,
				remove: () => set({ [key]: parts.filter((_, place) => place !== index) })
			})]
		}, index)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			onClick: () => set({ [key]: [...parts, beginning("rule", void 0)] }),
			children: t.add
		})]
	});
}
function Rule({ id, value, set }) {
	const t = useTexts(formTexts);
	const rule = isObject(value) ? value : {};
	const operator = String(rule.operator ?? "equals");
	const known = OPERATORS.includes(operator);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "rule",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
				id: `${id}-left`,
				label: t.left,
				value: rule.left ?? "",
				set: (left, isTyping) => set({
					...rule,
					left: left ?? ""
				}, isTyping)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				"aria-label": t.operator,
				value: operator,
				onChange: (event) => {
					const { right, ...rest } = rule;
					const next = event.target.value;
					set(isUnary(next) ? {
						...rest,
						operator: next
					} : {
						...rest,
						operator: next,
						right: right ?? ""
					});
				},
				children: [!known && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: operator,
					children: operator
				}), OPERATORS.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: one,
					children: one
				}, one))]
			}),
			!isUnary(operator) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
				id: `${id}-right`,
				label: t.right,
				value: rule.right ?? "",
				set: (right, isTyping) => set({
					...rule,
					right: right ?? ""
				}, isTyping)
			})
		]
	});
}
// src/forms/object-field.tsx
/** Entries from which on they are folded at first. */
var MOST_OPEN = 4;
/** Lists and objects that are a reference instead. */
function Referred({ id, label, value, set }) {
	const text = isObject(value) ? `{{${String(value.ref)}}}` : String(value);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label,
		value: text,
		tell: (next) => set(next || void 0, true)
	});
}
function ObjectField(props) {
	const { id, label, value, set, path, schema, root } = props;
	const t = useTexts(formTexts);
	const variants = variantsOf(schema, root);
	if (isTemplate(value) && isObject(schema.properties) === false) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Referred, { ...props });
	const index = variantFor(value, schema, root);
	const variant = variants[index] ?? {};
	const isSet = value !== void 0 && value !== null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "sub-form",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row-line",
			children: [variants.length > 1 || !isSet ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				id,
				"aria-label": t.kindOf(label),
				value: isSet ? index : "",
				onChange: (event) => set(event.target.value === "" ? void 0 : beginningOf(variants[Number(event.target.value)] ?? {})),
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: "",
					children: t.notSet
				}), variants.map((part, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
					value: place,
					children: variantName(part)
				}, variantName(part)))]
			}) : null, isSet && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name: label,
				remove: () => set(void 0)
			})]
		}), isSet && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
			...props,
			path,
			schema: variant
		})]
	});
}
/** One value by the part of a union that it is. */
function Part(props) {
	const { value, path, schema, root } = props;
	if (!isObject(schema.properties) || !isObject(value)) return typeof value === "object" && value !== null ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, { ...props });
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [fieldsOf(schema, root).filter(isAsked).map((field) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FieldRow, {
		field,
		value: value[field.name],
		path: [...path, field.name],
		root,
		templates: props.templates ?? true,
		beside: value
	}, field.name)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(UnknownFields, {
		names: unknownKeys(value, schema),
		value,
		path
	})] });
}
/** What tells the parts of a union apart has one value only, chosen above. */
function isAsked(field) {
	return field.options.length !== 1;
}
/** Settings that a schema does not know: shown as they are, and kept. */
function UnknownFields({ names, value, path }) {
	const form = useForm();
	return names.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "field-head",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
				htmlFor: `unknown-${path.join("-")}-${name}`,
				children: name
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name,
				remove: () => form.set([...path, name], void 0)
			})]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
			id: `unknown-${path.join("-")}-${name}`,
			label: name,
			value: value[name],
			set: (next, isTyping) => form.set([...path, name], next ?? null, isTyping)
		})]
	}, name));
}
function ObjectsField(props) {
	const form = useForm();
	const { label, value, set, path, schema, root } = props;
	const t = useTexts(formTexts);
	const items = resolved(schema.items, root);
	if (isTemplate(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Referred, { ...props });
	if (!variantsOf(items, root).some((part) => isObject(part.properties)) || value !== void 0 && value !== null && !Array.isArray(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const list = Array.isArray(value) ? value : [];
	const move = (index) => {
		const moved = [...list];
		const [one] = moved.splice(index, 1);
		moved.splice(index - 1, 0, one);
		set(moved);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [list.map((one, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fold, {
			className: "sub-form",
			open: list.length < MOST_OPEN,
			title: titleOf$1(one) || `${index + 1}`,
			aside: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				className: "end",
				children: [index > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain remove",
					"aria-label": t.up(`${label} ${index + 1}`),
					onClick: () => move(index),
					children: "↑"
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
					name: `${label} ${index + 1}`,
					remove: () => form.set([...path, index], void 0)
				})]
			}),
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Item, {
				...props,
				path: [...path, index],
				value: one,
				schema: items
			})
		}, index)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			"aria-label": t.addTo(label),
			onClick: () => form.set([...path, list.length], beginningOf(variantsOf(items, root)[0] ?? {})),
			children: t.add
		})]
	});
}
/** An item of a list or map, with a choice where it is a union. */
function Item(props) {
	const { label, value, path, schema, root } = props;
	const form = useForm();
	const t = useTexts(formTexts);
	const variants = variantsOf(schema, root);
	const set = (next, isTyping) => form.set(path, next ?? "", isTyping);
	const index = variantFor(value, schema, root);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [variants.length > 1 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("select", {
		"aria-label": t.kindOf(label),
		value: index,
		onChange: (event) => set(beginningOf(variants[Number(event.target.value)] ?? {})),
		children: variants.map((part, place) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: place,
			children: variantName(part)
		}, variantName(part)))
	}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Part, {
		...props,
		id: `${props.id}-${path.at(-1)}`,
		set,
		schema: variants[index] ?? {}
	})] });
}
function titleOf$1(value) {
	if (!isObject(value)) return "";
	const named = value.name ?? value.id ?? value.variable ?? value.type;
	return typeof named === "string" ? named : "";
}
function NamedObjectsField(props) {
	const { label, value, path, schema, root } = props;
	const form = useForm();
	const inner = resolved(schema.additionalProperties, root);
	if (isTemplate(value) && !isObject(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Referred, { ...props });
	if (value !== void 0 && value !== null && !isObject(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const pairs = Object.entries(isObject(value) ? value : {});
	const names = pairs.map(([name]) => name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [pairs.map(([name, one]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fold, {
			className: "sub-form",
			open: pairs.length < MOST_OPEN,
			title: name,
			aside: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NameField, {
				name,
				taken: names,
				rename: (next) => form.rename([...path, name], next)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name,
				remove: () => form.set([...path, name], void 0)
			})] }),
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Item, {
				...props,
				path: [...path, name],
				value: one ?? {},
				schema: inner
			})
		}, name)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AddNamed, {
			label,
			taken: names,
			add: (name) => form.set([...path, name], beginningOf(variantsOf(inner, root)[0] ?? {}))
		})]
	});
}
// src/forms/schema-field.tsx
/** Schemas of data: fields with types where they are simple, else JSON Schema as text. */
var TYPES = [
	"any",
	"string",
	"number",
	"integer",
	"boolean",
	"object",
	"array",
	"file",
	"files"
];
var SIMPLE = /* @__PURE__ */ new Set([
	"type",
	"required",
	"description",
	"default"
]);
/** Whether every field says no more than the rows below show. */
function isSimple(value) {
	if (value === void 0 || value === null) return true;
	if (!isObject(value) || "properties" in value || "$schema" in value) return false;
	return Object.values(value).every((field) => isObject(field) && Object.keys(field).every((key) => SIMPLE.has(key)));
}
function SchemaField(props) {
	const { label, value, set, part, rename } = props;
	const fields = isObject(value) ? Object.entries(value) : [];
	if (!isSimple(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...props });
	const names = fields.map(([name]) => name);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack-tight",
		children: [fields.map(([name, field], index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaRow, {
			name,
			field: isObject(field) ? field : {},
			taken: names,
			rename: (next) => rename(name, next),
			put: (key, next, isTyping) => part([name, key], next, isTyping),
			remove: () => fields.length > 1 ? part([name], void 0) : set(void 0)
		}, index)), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(AddNamed, {
			label,
			taken: names,
			add: (name) => part([name], { type: "string" })
		})]
	});
}
function SchemaRow({ name, field, taken, rename, put, remove }) {
	const t = useTexts(formTexts);
	const type = String(field.type ?? "any");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "sub-form",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "pair",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NameField, {
					name,
					taken,
					rename
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
					"aria-label": `${name}: ${t.type}`,
					value: type,
					onChange: (event) => put("type", event.target.value),
					children: [!TYPES.includes(type) && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: type,
						children: type
					}), TYPES.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: one,
						children: one
					}, one))]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
					className: "check",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
						type: "checkbox",
						checked: field.required === true,
						onChange: (event) => put("required", event.target.checked || void 0)
					}), t.requiredField]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
					name,
					remove
				})
			]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "pair",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
				id: `schema-${name}-description`,
				label: `${name}: ${t.description}`,
				placeholder: t.description,
				value: String(field.description ?? ""),
				templates: false,
				tell: (text) => put("description", text || void 0, true)
			}), "default" in field ? /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
				id: `schema-${name}-default`,
				label: `${name}: ${t.default}`,
				value: field.default,
				templates: false,
				set: (value, isTyping) => put("default", value ?? null, isTyping)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RemoveButton, {
				name: `${name}: ${t.default}`,
				remove: () => put("default", void 0)
			})] }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				onClick: () => put("default", ""),
				children: t.default
			})]
		})]
	});
}
// src/forms/field.tsx
/** One setting: its label, what it is filled in with, and the way between value and template. */
/** Widgets that take a template without changing their look. */
var AS_TEXT = /* @__PURE__ */ new Set([
	"text",
	"template",
	"reference",
	"model",
	"instant",
	"duration",
	"value"
]);
/** Widgets whose parts take templates. */
var OF_PARTS = /* @__PURE__ */ new Set([...[
	"code",
	"condition",
	"schema",
	"workflow",
	"nodes",
	"edges",
	"body",
	"bodies"
], ...[
	"key_values",
	"object",
	"objects",
	"named_objects"
]]);
function FieldRow(props) {
	const { field, value, path, templates } = props;
	const t = useTexts(formTexts);
	const form = useForm();
	const id = (0, import_react.useId)();
	const help = `${id}-help`;
	const canSwitch = templates && form.templates && !AS_TEXT.has(field.widget) && !OF_PARTS.has(field.widget);
	const asTemplate = canSwitch && isTemplate(value);
	const switchOver = () => form.set(path, asTemplate ? void 0 : "{{}}");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "field-head",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: id,
						children: field.name
					}),
					field.required && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: t.required
					}),
					canSwitch && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						className: "plain switch",
						onClick: switchOver,
						children: asTemplate ? t.asValue : t.asTemplate
					})
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				"aria-describedby": help,
				children: asTemplate ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TemplateInput, {
					...props,
					id
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Widget, {
					...props,
					id,
					templates
				})
			}),
			field.description && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "field-help",
				id: help,
				children: field.description
			})
		]
	});
}
function useSet(path) {
	const form = useForm();
	return (value, isTyping) => form.set(path, value, isTyping);
}
/** A reference as text: `{ref: a.b}` is shown as `{{a.b}}`, and stays as it is until it is changed. */
function TemplateInput({ id, field, value, path }) {
	const set = useSet(path);
	const text = isObject(value) ? `{{${String(value.ref)}}}` : String(value ?? "");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label: field.name,
		value: text,
		tell: (next) => set(next || void 0, true)
	});
}
function Widget(props) {
	const { field, id, value, path, root, templates } = props;
	const set = useSet(path);
	const form = useForm();
	const common = {
		id,
		label: field.name,
		value,
		set,
		templates,
		part: (steps, next, isTyping) => form.set([...path, ...steps], next, isTyping),
		rename: (from, to) => form.rename([...path, from], to)
	};
	switch (field.widget) {
		case "text":
		case "template":
		case "instant":
		case "model":
		case "reference":
		case "duration":
		case "workflow": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextLike, { ...props });
		case "code": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CodeField, { ...props });
		case "condition": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ConditionField, { ...common });
		case "boolean": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(BooleanField, { ...props });
		case "number": return isObject(value) || Array.isArray(value) ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, { ...common }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NumberField, { ...common });
		case "choice": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ChoiceField, { ...props });
		case "list": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ListField, { ...common });
		case "key_values": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(KeyValuesField, { ...common });
		case "object": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectField, {
			...common,
			path,
			schema: field.schema,
			root
		});
		case "objects": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectsField, {
			...common,
			path,
			schema: field.schema,
			root
		});
		case "named_objects": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NamedObjectsField, {
			...common,
			path,
			schema: field.schema,
			root
		});
		case "schema": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaField, { ...common });
		case "nodes":
		case "body":
		case "bodies": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(BodiesField, {
			...common,
			widget: field.widget
		});
		default: return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, { ...common });
	}
}
function TextLike(props) {
	const { field, id, value, path, templates } = props;
	const form = useForm();
	const t = useTexts(formTexts);
	const set = useSet(path);
	if (!(value === void 0 || value === null || typeof value !== "object") && !isTemplate(value)) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TreeField, {
		id,
		label: field.name,
		value,
		set
	});
	const [example] = field.examples;
	const bad = field.widget === "duration" && !isDuration(value) ? t.badDuration : null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, {
		id,
		label: field.name,
		value: isObject(value) ? `{{${String(value.ref)}}}` : String(value ?? ""),
		tell: (text) => set(textOrNumber(field.widget, text, field.required), true),
		multiLine: field.widget === "template",
		templates,
		placeholder: typeof example === "string" && !example.includes("\n") ? t.example(example) : "",
		problem: bad,
		...suggestions(field.widget, form.models, form.workflows)
	});
}
function suggestions(widget, models, workflows) {
	if (widget === "model") return { list: models };
	return widget === "workflow" ? { list: workflows } : {};
}
function textOrNumber(widget, text, required) {
	if (text === "" && !required) return void 0;
	return widget === "duration" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
function isDuration(value) {
	if (typeof value !== "string" || value === "" || isTemplate(value)) return true;
	return /^(\d+(\.\d+)?(ms|s|m|h|d|w)\s*)+$/.test(value.trim()) || /^\d+(\.\d+)?$/.test(value.trim());
}
function CodeField({ field, id, value, path, beside }) {
	const set = useSet(path);
	const language = String(beside.language ?? "python");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CodeEditor, {
		id,
		label: field.name,
		value: String(value ?? ""),
		change: (text) => set(text, true),
		language: language.includes("script") ? "javascript" : field.name === "sql" ? "text" : "python"
	});
}
function BooleanField({ field, id, value, path }) {
	const set = useSet(path);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		id,
		type: "checkbox",
		checked: (value ?? field.default ?? false) === true,
		onChange: (event) => set(event.target.checked)
	});
}
function ChoiceField({ field, id, value, path }) {
	const set = useSet(path);
	const t = useTexts(formTexts);
	const known = field.options.some((one) => one === value);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		id,
		value: value === void 0 || value === null ? "" : JSON.stringify(value),
		onChange: (event) => set(event.target.value === "" ? void 0 : JSON.parse(event.target.value)),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "",
				children: field.default === void 0 || field.default === null ? t.notSet : `${String(field.default)} (${t.default})`
			}),
			!known && value !== void 0 && value !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: JSON.stringify(value),
				children: String(value)
			}),
			field.options.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: JSON.stringify(one),
				children: String(one)
			}, String(one)))
		]
	});
}
// src/forms/form.tsx
/** Widgets that say nothing of their own in a form. */
var HIDDEN = /* @__PURE__ */ new Set(["edges"]);
function SchemaForm({ schema, value, path, fixed = [], without = [] }) {
	const t = useTexts(formTexts);
	const here = isObject(value) ? value : {};
	const fields = fieldsOf(schema, schema).filter((field) => !HIDDEN.has(field.widget) && !without.includes(field.name));
	const unknown = unknownKeys(value, schema).filter((name) => !without.includes(name));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "form",
		children: [groupsOf(fields).map((group) => {
			const rows = group.fields.map((field) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FieldRow, {
				field,
				value: here[field.name],
				path: [...path, field.name],
				root: schema,
				templates: !fixed.includes(field.name),
				beside: here
			}, field.name));
			const isUsed = group.fields.some((field) => field.name in here);
			return group.name === "main" ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", { children: rows }, group.name) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Fold, {
				className: "form-group",
				open: isUsed,
				title: groupName(t, group.name),
				children: rows
			}, group.name);
		}), unknown.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
			className: "form-group",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h4", { children: t.other }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-help",
					children: t.otherHelp
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(UnknownFields, {
					names: unknown,
					value: here,
					path
				})
			]
		})]
	});
}
function groupName(t, name) {
	const text = t[`groups_${name}`];
	return typeof text === "string" ? text : name;
}
// src/graph/aligning.ts
var ALIGNMENTS = [
	"left",
	"middle",
	"top",
	"across",
	"down"
];
function aligned(boxes, how) {
	const all = [...boxes];
	if (all.length < 2) return /* @__PURE__ */ new Map();
	if (how === "across" || how === "down") return spread(all, how === "across" ? "x" : "y");
	const [, first] = all[0];
	const least = (of) => Math.min(...all.map(([, box]) => of(box)));
	const line = how === "left" ? least((box) => box.x) : how === "top" ? least((box) => box.y) : first.y + first.height / 2;
	const place = (box) => {
		if (how === "left") return {
			x: line,
			y: box.y
		};
		return {
			x: box.x,
			y: how === "top" ? line : Math.round(line - box.height / 2)
		};
	};
	return new Map(all.map(([address, box]) => [address, place(box)]));
}
function spread(all, axis) {
	const size = axis === "x" ? "width" : "height";
	const sorted = all.toSorted(([, a], [, b]) => a[axis] - b[axis]);
	const [, first] = sorted[0];
	const [, last] = sorted.at(-1);
	const taken = sorted.reduce((sum, [, box]) => sum + box[size], 0);
	const room = (last[axis] + last[size] - first[axis] - taken) / (sorted.length - 1);
	let at = first[axis];
	return new Map(sorted.map(([address, box]) => {
		const place = {
			x: box.x,
			y: box.y,
			[axis]: Math.round(at)
		};
		at += box[size] + room;
		return [address, place];
	}));
}
// src/graph/placing.ts
var BESIDE$1 = 70;
var BELOW = 30;
var MOST_TRIES = 200;
/** Where all boxes stand now, chosen or laid out. */
function boxesOf(graph, moved, sizeOf) {
	const laid = layout(graph, sizeOf).boxes;
	return new Map([...laid].map(([address, box]) => [address, {
		...box,
		...moved.get(address) ?? {}
	}]));
}
/** Places of the boxes of one body, so that they stay where they are when another one comes. */
function pinned(graph, boxes, parent) {
	return new Map(graph.nodes.filter((node) => node.parent === parent).flatMap((node) => {
		const box = boxes.get(node.address);
		return box ? [[node.address, {
			x: box.x,
			y: box.y
		}]] : [];
	}));
}
/** A free place near a wanted one: it moves down until nothing is in the way. */
function freePlace(wanted, size, others) {
	const all = [...others];
	const at = { ...wanted };
	for (let tries = 0; tries < MOST_TRIES; tries += 1) {
		const inTheWay = all.find((box) => overlap({
			...at,
			...size
		}, box));
		if (!inTheWay) break;
		at.y = inTheWay.y + inTheWay.height + BELOW;
	}
	return {
		x: Math.round(at.x),
		y: Math.round(at.y)
	};
}
function overlap(a, b) {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
/** Beside the box that something follows; between two, in their middle. */
function wantedPlace(after, before) {
	if (after && before) return {
		x: (after.x + after.width + before.x) / 2 - 100,
		y: (after.y + before.y) / 2
	};
	if (after) return {
		x: after.x + after.width + BESIDE$1,
		y: after.y
	};
	return {
		x: 0,
		y: 0
	};
}
// src/screens/editor/placement.ts
/** Where boxes are put in the layout of a session; its addresses count from the whole document. */
/** Chosen places of the workflow that is shown, by address in it. */
function placesIn(session) {
	const { layout, root } = session.store.getState();
	const prefix = prefixOf(root);
	return new Map(Object.entries(layout.nodes ?? {}).flatMap(([address, { x, y }]) => address.startsWith(prefix) ? [[address.slice(prefix.length), {
		x,
		y
	}]] : []));
}
/** Put boxes where somebody wants them; the others of their bodies stay where they are now. */
function moveNodes(session, places) {
	const { drawn } = session.store.getState();
	const boxes = boxesOf(drawn.graph, placesIn(session), sizeOf);
	const parents = new Set(drawn.graph.nodes.filter((node) => places.has(node.address)).map((node) => node.parent));
	const all = /* @__PURE__ */ new Map();
	for (const parent of parents) for (const [address, point] of pinned(drawn.graph, boxes, parent)) all.set(address, point);
	for (const [address, point] of places) all.set(address, point);
	write(session, all);
}
/** Align the selected boxes with those of their own body. */
function alignSelected(session, how) {
	const { drawn, selected } = session.store.getState();
	const boxes = boxesOf(drawn.graph, placesIn(session), sizeOf);
	const places = /* @__PURE__ */ new Map();
	const chosen = drawn.graph.nodes.filter((node) => selected.includes(node.address));
	for (const parent of new Set(chosen.map((node) => node.parent))) {
		const found = chosen.filter((node) => node.parent === parent).flatMap((node) => {
			const box = boxes.get(node.address);
			return box ? [[node.address, box]] : [];
		});
		for (const [address, point] of aligned(new Map(found), how)) places.set(address, point);
	}
	if (places.size > 0) moveNodes(session, places);
}
function write(session, places) {
	const prefix = prefixOf(session.store.getState().root);
	session.arrange((before) => {
		const nodes = { ...before.nodes };
		for (const [address, point] of places) nodes[prefix + address] = {
			...nodes[prefix + address],
			...point
		};
		return {
			...before,
			nodes
		};
	});
}
/**
* A new box gets a place where the others have theirs; else the layout has one for it.
*
* @param before the graph without it.
*/
function placeNew(session, address, before, near) {
	const { drawn } = session.store.getState();
	const chosen = placesIn(session);
	const made = drawn.graph.nodes.find((node) => node.address === address);
	const around = before.nodes.filter((node) => node.parent === (made?.parent ?? null));
	if (!made || !near.at && !around.some((node) => chosen.has(node.address))) return;
	const boxes = boxesOf(before, chosen, sizeOf);
	const others = around.flatMap((node) => boxes.get(node.address) ?? []);
	const at = near.at ?? freePlace(placeBy(near, boxes, others), sizeOf(made), others);
	write(session, pinned(before, boxes, made.parent).set(address, at));
}
function placeBy(near, boxes, others) {
	const last = others.reduce((most, box) => !most || box.x > most.x ? box : most, void 0);
	const before = near.before === void 0 ? void 0 : boxes.get(near.before);
	return wantedPlace(boxes.get(near.after ?? "") ?? last, before);
}
// src/screens/editor/canvas-editing.ts
function editingOf(session, ask) {
	return {
		move: (places) => moveNodes(session, places),
		canConnect: (source, port, target) => {
			const { document, drawn } = session.store.getState();
			return refusalOf(document.value, drawn.places, source, port, target) === null;
		},
		connect(source, port, target) {
			session.edit((document, places) => {
				const from = places.nodes.get(source);
				const to = places.nodes.get(target);
				if (!from || !to) return document;
				return connect(document, from.body.path, {
					source: from.id,
					target: to.id,
					port
				});
			});
		},
		remove: (addresses, edges) => removeAll(session, addresses, edges),
		addAfter: (after, port) => ask({
			after,
			port
		}),
		addOnEdge: (edge) => ask({ edge }),
		drop(type, place) {
			if (place.edge !== void 0) {
				addKind(session, type, { edge: place.edge });
				return;
			}
			addKind(session, type, {
				body: place.parent === null ? "" : bodyAddress(place.parent, place.body),
				at: place.at
			});
		}
	};
}
function bodyAddress(parent, body) {
	return body ? `${parent}[${body}]` : parent;
}
function removeAll(session, addresses, edges) {
	const { drawn } = session.store.getState();
	const lines = drawn.graph.edges.filter((edge) => edges.includes(edge.id));
	const gone = new Set(addresses);
	session.edit((document, places) => {
		let made = document;
		for (const line of lines) {
			const from = places.nodes.get(line.source);
			const to = places.nodes.get(line.target);
			if (!from || !to || gone.has(line.source) || gone.has(line.target)) continue;
			const edge = {
				source: from.id,
				target: to.id,
				port: line.port
			};
			made = disconnect(made, from.body.path, [edge]);
		}
		return removeNodes(made, places, addresses);
	});
}
/** A node of a kind as it begins: with empty bodies where it has any, else without settings. */
function newNode(kind, type, taken) {
	const node = {
		id: freeId(type, taken),
		type
	};
	const properties = isObject(kind?.config_schema.properties) ? kind.config_schema.properties : {};
	for (const place of kind?.bodies?.places ?? []) {
		if (place === "") return {
			...node,
			config: { nodes: [] }
		};
		const [setting, rest] = place.split(".");
		const field = setting === void 0 ? void 0 : properties[setting];
		if (setting && rest === "*" && place.split(".").length === 2 && isObject(field)) return {
			...node,
			config: { [setting]: {
				first: { nodes: [] },
				second: { nodes: [] }
			} }
		};
	}
	return type === "end" ? {
		...node,
		config: { outputs: {} }
	} : node;
}
/** Add a node of a kind at a target; it is selected then. */
function addKind(session, type, target) {
	const { drawn } = session.store.getState();
	const { places, graph } = drawn;
	const edge = target && "edge" in target ? graph.edges.find((one) => one.id === target.edge) : null;
	const following = target && "after" in target ? places.nodes.get(target.after) : null;
	const from = edge ? places.nodes.get(edge.source) : following;
	const named = target && "body" in target ? target.body : "";
	const body = from?.body ?? places.bodies.get(named) ?? places.bodies.get("");
	if (!body) return;
	const kind = session.kinds.get(type);
	const node = newNode(kind, kind?.type ?? type, body.ids);
	const before = drawn.graph;
	const [port = "out"] = kind?.ports.names ?? [];
	if (!session.edit((document) => {
		const made = addNode(document, body.path, node);
		const to = edge ? places.nodes.get(edge.target) : null;
		if (edge && from && to) return putBetween(made, body.path, {
			source: from.id,
			target: to.id,
			port: edge.port
		}, node.id, port);
		return following && target && "after" in target ? connect(made, body.path, {
			source: following.id,
			target: node.id,
			port: target.port
		}) : made;
	})) return;
	const address = body.prefix + node.id;
	const at = target && "body" in target ? target.at : void 0;
	placeNew(session, address, before, {
		after: from?.address,
		before: edge?.target,
		at
	});
	session.select([address]);
}
/** Where a kind goes that is chosen without a place: behind the only selected node, if that leads nowhere. */
function usualTarget(session) {
	const { selected, drawn } = session.store.getState();
	const [address] = selected;
	const node = drawn.graph.nodes.find((one) => one.address === address);
	if (!node || selected.length !== 1) return { body: "" };
	const [port = "out"] = node.ports;
	const leads = drawn.graph.edges.some((edge) => edge.source === address && edge.port === port);
	const place = drawn.places.nodes.get(node.address);
	if (node.type === "end") return { body: place?.body.address ?? "" };
	return leads ? { body: place?.body.address ?? "" } : {
		after: node.address,
		port
	};
}
// src/screens/editor/find.tsx
/** Finds a node by its id, name, kind or any text in its settings. */
var SHOWN$1 = 50;
function Find({ session, close, show }) {
	const t = useTexts(editorTexts);
	const graph = useStore(session.store, (state) => state.drawn.graph);
	const [wanted, setWanted] = (0, import_react.useState)("");
	const found = (0, import_react.useMemo)(() => {
		const text = wanted.trim().toLowerCase();
		const has = (part) => part.toLowerCase().includes(text);
		const named = graph.nodes.filter((node) => [
			node.address,
			node.name,
			node.type
		].some(has));
		const inside = graph.nodes.filter((node) => !named.includes(node) && text !== "" && has(JSON.stringify(node.config)));
		return [...named, ...inside].slice(0, SHOWN$1);
	}, [graph, wanted]);
	const take = (address) => {
		if (address === void 0) return;
		session.select([address]);
		show(address);
		close();
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t.find,
		close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				take(found[0]?.address);
			},
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "search",
					"aria-label": t.find,
					value: wanted,
					"data-first": true,
					onChange: (event) => setWanted(event.target.value)
				}),
				found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: t.nothingFound
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", {
					className: "choices",
					children: found.map((node) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "plain choice",
						onClick: () => take(node.address),
						children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
							className: "cut",
							children: visible(node.name || node.id)
						}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
							className: "kind",
							children: [
								node.address,
								" · ",
								node.type
							]
						})]
					}) }, node.address))
				})
			]
		})
	});
}
// src/graph/references.ts
/** References of templates, conditions and settings to a name, and how they get another one. */
var WORDS = /* @__PURE__ */ new Set([
	"and",
	"or",
	"not",
	"in",
	"is",
	"if",
	"else",
	"true",
	"false",
	"none"
]);
var PYTHON = /* @__PURE__ */ new Set([...WORDS, ..."True False None as assert async await break class continue def del elif except finally for from global import lambda nonlocal pass raise return try while with yield null".split(" ")]);
var NAME = "[\\p{L}\\p{M}\\p{N}_-]";
/** Settings in which nothing is read, or programs that get their values another way. */
var KEPT = /* @__PURE__ */ new Set([
	"code",
	"sql",
	"document",
	"parameters",
	"written",
	"node",
	"workflow"
]);
var QUOTED = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"`;
/** A text with its references to `from` leading to `to`.
*
* @param to a name, or a path such as `group.draft`.
* @param isExpression whether all of it is an expression, and not only what stands in braces.
*/
function renamedInText(text, from, to, isExpression = false) {
	if (!text.includes(from)) return text;
	if (isExpression) return text.split(/(\{\{[\s\S]*?\}\})/).map((piece, index) => index % 2 === 1 ? inBlocks(piece, from, to) : inExpression(piece, from, to, PYTHON)).join("");
	return inBlocks(text, from, to);
}
function inBlocks(text, from, to) {
	if (new RegExp(`\\{%-?\\s*(?:set\\s+${escaped(from)}\\s*=|for\\s+[^%]*\\b${escaped(from)}\\s+in\\s)`, "u").test(text)) return text;
	return text.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, (block) => {
		const inner = block.slice(2, -2);
		return block.slice(0, 2) + inExpression(inner, from, to, WORDS) + block.slice(-2);
	});
}
function inExpression(text, from, to, words) {
	const name = escaped(from);
	const pattern = new RegExp(`(?<byName>(?<![\\p{L}\\p{N}_.])_\\s*\\[\\s*(?<quote>['"])${name}\\k<quote>\\s*\\])|${QUOTED}|(?<before>(?:[|.]|\\bis)\\s*)?(?<!${NAME})(?<plain>${name})(?!${NAME})(?<after>\\s*[(=](?!=))?`, "gu");
	return text.replace(pattern, (...found) => {
		const whole = String(found[0]);
		const groups = found.at(-1);
		if (groups.byName !== void 0) return byName(to);
		if (groups.plain === void 0 || groups.before !== void 0 || groups.after !== void 0) return whole;
		const at = Number(found.at(-3));
		return spelledName(to, words, text.slice(at + whole.length));
	});
}
/** A name as an expression reads it: by itself, or as `_['name']` where it would be something else. */
function spelledName(to, words, behind) {
	const root = to.split(".")[0] ?? to;
	if (/^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(root) && !words.has(root) || /^\.[\p{L}_]/u.test(to.slice(root.length) + behind) && words === WORDS) return to;
	return byName(to);
}
function byName(to) {
	const [root = to, ...rest] = to.split(".");
	return [`_['${root}']`, ...rest].join(".");
}
function escaped(text) {
	return text.replace(/[.*+?^${}()|[\]\\-]/g, "\\$&");
}
/** The texts of a node that read a name, with what they are to be.
*
* @param isHidden whether a body has something else of that name, so that it is not looked at.
*/
function renamingsOf(node, from, to, kindOf) {
	if (!isObject(node)) return [];
	const kind = kindOf(String(node.type));
	const found = [];
	for (const [key, value] of Object.entries(node)) {
		if ([
			"id",
			"type",
			"name",
			"description"
		].includes(key)) continue;
		if (key === "compensate") {
			if (value === from && !to.includes(".")) found.push({
				path: [key],
				text: to
			});
		} else if (key === "config" && isObject(value)) for (const [setting, inner] of Object.entries(value)) settingOf(found, inner, ["config", setting], {
			from,
			to,
			kindOf,
			raw: kind?.raw?.includes(setting) ?? false,
			bare: setting === "items" && kind?.bodies != null
		});
		else textsOf(found, value, [key], {
			from,
			to,
			kindOf,
			raw: false,
			bare: false
		});
	}
	return found;
}
function settingOf(found, value, path, how) {
	const setting = String(path.at(-1));
	if (how.raw && KEPT.has(setting)) return;
	if (how.bare && value === how.from) found.push({
		path,
		text: how.to
	});
	else textsOf(found, value, path, how, how.raw);
}
function textsOf(found, value, path, how, isExpression = false) {
	if (typeof value === "string") {
		const text = renamedText(value, path, how, isExpression);
		if (text !== value) found.push({
			path,
			text
		});
	} else if (Array.isArray(value)) {
		if (path.at(-1) === "nodes") nodesOf(found, value, path, how);
		else for (const [index, one] of value.entries()) textsOf(found, one, [...path, index], how);
	} else if (isObject(value)) {
		const isBody = Array.isArray(value.nodes);
		if (hides(value.nodes, how.from)) return;
		for (const [key, inner] of Object.entries(value)) if (!isBody || key !== "edges") textsOf(found, inner, [...path, key], how, how.raw && key === "condition");
	}
}
function renamedText(text, path, { from, to }, isExpression) {
	return path.at(-1) === "ref" ? inExpression(text, from, to, WORDS) : renamedInText(text, from, to, isExpression);
}
function nodesOf(found, nodes, path, how) {
	if (hides(nodes, how.from)) return;
	for (const [index, one] of nodes.entries()) for (const inner of renamingsOf(one, how.from, how.to, how.kindOf)) found.push({
		path: [
			...path,
			index,
			...inner.path
		],
		text: inner.text
	});
}
/** Whether a body has a node of the name itself, which hides the one outside. */
function hides(nodes, from) {
	return Array.isArray(nodes) && nodes.some((one) => isObject(one) && one.id === from);
}
// src/graph/clipboard.ts
/** Nodes and edges as YAML text, and such text put into a body under ids that are free there. */
var MOST_ALIASES = 100;
/** The nodes of one body with the edges between them. */
function clipOf(value, places, addresses) {
	const found = addresses.flatMap((address) => places.nodes.get(address) ?? []);
	const body = found[0]?.body;
	const here = found.filter((one) => one.body === body);
	const ids = new Set(here.map((one) => one.id));
	return {
		nodes: here.map((one) => valueAt(value, one.path)).filter(isObject),
		edges: edgesOf(body ? valueAt(value, body.path) : void 0).filter((edge) => ids.has(edge.source) && ids.has(edge.target)).map(({ source, target, port }) => ({
			source,
			target,
			port
		}))
	};
}
function clipText(clip) {
	return stringify({
		nodes: clip.nodes,
		edges: clip.edges
	}, { lineWidth: 0 });
}
/** What a text brings along: a clip, a whole workflow, a list of nodes or one node; null for anything else. */
function readClip(text) {
	let value;
	try {
		value = parse(text, {
			schema: "core",
			maxAliasCount: MOST_ALIASES
		});
	} catch {
		return null;
	}
	const body = isNode(value) ? {
		nodes: [value],
		edges: []
	} : Array.isArray(value) ? {
		nodes: value,
		edges: []
	} : value;
	if (!isObject(body) || !Array.isArray(body.nodes)) return null;
	const nodes = body.nodes.filter(isNode);
	if (nodes.length === 0 || nodes.length !== body.nodes.length) return null;
	return {
		nodes,
		edges: edgesOf(body).map(({ source, target, port }) => ({
			source,
			target,
			port
		}))
	};
}
function isNode(value) {
	return isObject(value) && typeof value.id === "string" && typeof value.type === "string";
}
/** The document with a clip in a body, and the ids that its nodes have there. */
function paste(document, body, clip, kindOf) {
	const taken = [...body.ids];
	const names = /* @__PURE__ */ new Map();
	for (const node of clip.nodes) {
		const id = freeId(String(node.id), taken);
		taken.push(id);
		names.set(String(node.id), id);
	}
	const nodes = clip.nodes.map((node) => renamed(node, names, kindOf));
	let made = body.ids.length > 0 ? withEdgesWritten(document, body.path) : document;
	for (const node of nodes) made = made.add([...body.path, "nodes"], node);
	for (const edge of clip.edges) {
		const source = names.get(edge.source);
		const target = names.get(edge.target);
		if (!source || !target) continue;
		const port = edge.port === "out" ? {} : { port: edge.port };
		made = made.add([...body.path, "edges"], {
			source,
			target,
			...port
		}, { inLine: true });
	}
	return {
		document: made,
		ids: nodes.map((node) => String(node.id))
	};
}
/** A node under its new id, with references to the others under theirs; all at once, so that ids may change places. */
function renamed(node, names, kindOf) {
	let made = node;
	const changed = [...names].filter(([from, to]) => from !== to);
	const passing = changed.map(([from], index) => [from, `pasted__${index}`]);
	const arriving = changed.map(([, to], index) => [`pasted__${index}`, to]);
	for (const [from, to] of [...passing, ...arriving]) for (const { path, text } of renamingsOf(made, from, to, kindOf)) made = withValue(made, path, text);
	return {
		...made,
		id: names.get(String(node.id))
	};
}
// src/graph/renaming.ts
var ENDS = [
	"source",
	"from",
	"target",
	"to"
];
var NEXT = ["true_next", "false_next"];
function renameNode(document, place, to, kindOf) {
	const { body, id } = place;
	const edges = document.at([...body.path, "edges"]);
	const ends = (Array.isArray(edges) ? edges : []).flatMap((edge, index) => ENDS.filter((end) => isObject(edge) && edge[end] === id).map((end) => ({
		path: [
			...body.path,
			"edges",
			index,
			end
		],
		value: to
	})));
	const reading = referencesIn(document, body.path, id, to, kindOf);
	return document.setAll([
		{
			path: [...place.path, "id"],
			value: to
		},
		...reading.map(({ path, text }) => ({
			path,
			value: text
		})),
		...ends
	]);
}
/** What in a body reads a node: its nodes, and the result of the body itself. */
function referencesIn(document, body, from, to, kindOf) {
	const nodes = document.at([...body, "nodes"]);
	const found = (Array.isArray(nodes) ? nodes : []).flatMap((node, index) => [...renamingsOf(node, from, to, kindOf).map(({ path, text }) => ({
		path: [
			...body,
			"nodes",
			index,
			...path
		],
		text
	})), ...branchesOf(node, from, to, [
		...body,
		"nodes",
		index
	])]);
	const { nodes: _, edges: __, ...rest } = recordAt(document, body);
	const around = body.length > 0 ? {
		type: "",
		config: { ...rest }
	} : null;
	const inside = around ? renamingsOf(around, from, to, kindOf) : [];
	return [...found, ...inside.map(({ path, text }) => ({
		path: [...body, ...path.slice(1)],
		text
	}))];
}
function recordAt(document, path) {
	const value = document.at(path);
	return isObject(value) ? value : {};
}
function branchesOf(node, from, to, path) {
	if (!isObject(node) || node.type !== "condition" || !isObject(node.config) || to.includes(".")) return [];
	const config = node.config;
	return NEXT.filter((key) => config[key] === from).map((key) => ({
		path: [
			...path,
			"config",
			key
		],
		text: to
	}));
}
/** Addresses of a layout after a node was renamed, its inside included. */
function renamedAddress(address, from, to) {
	if (address === from) return to;
	const rest = address.slice(from.length);
	return address.startsWith(from) && (rest.startsWith("/") || rest.startsWith("[")) ? to + rest : address;
}
// src/graph/grouping.ts
/** Kinds that mean something else, or nothing, in a workflow of their own. */
var BOUND = /* @__PURE__ */ new Set([
	"start",
	"end",
	"assign",
	"break",
	"continue",
	"answer",
	"webhook_reply"
]);
var PROBE = "probed__name";
/**
* @param names what the nodes may read besides each other: inputs, variables, nodes before them.
* @returns null where the nodes cannot be one step without doing something else than before.
*/
function grouped(document, places, addresses, names, kindOf) {
	const found = addresses.flatMap((address) => places.nodes.get(address) ?? []);
	const body = found[0]?.body;
	if (!body || found.some((one) => one.body !== body)) return null;
	const ids = new Set(found.map((one) => one.id));
	const { nodes } = clipOf(document.value, places, addresses);
	const ends = endsOf(edgesOf(document.at(body.path)), ids);
	if (!isOneStep(ends, nodes)) return null;
	const known = document.at(["workflows"]);
	const id = freeId("group", [...body.ids, ...Object.keys(isObject(known) ? known : {})]);
	const read = names.filter((name) => !ids.has(name) && isRead(nodes, name, kindOf));
	let made = removeNodes(document, places, addresses);
	const given = [...ids].filter((inner) => referencesIn(made, body.path, inner, `${id}.${inner}`, kindOf).length > 0);
	made = withReferences(made, found, id, kindOf);
	made = addNode(made, body.path, {
		id,
		type: "sub_workflow",
		config: {
			workflow: id,
			...read.length ? { inputs: templatesOf(read) } : {}
		}
	});
	for (const edge of ends.entering) made = connectOnce(made, body.path, {
		...edge,
		target: id
	});
	for (const edge of ends.leaving) made = connectOnce(made, body.path, {
		...edge,
		source: id,
		port: "out"
	});
	made = made.set(["workflows", id], workflowOf(nodes, ends, read, given));
	return {
		document: made,
		id
	};
}
function endsOf(edges, ids) {
	return {
		inside: edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
		entering: edges.filter((edge) => !ids.has(edge.source) && ids.has(edge.target)),
		leaving: edges.filter((edge) => ids.has(edge.source) && !ids.has(edge.target))
	};
}
/** Whether nodes begin together, have no branches, and go on to the same nodes wherever they end. */
function isOneStep(ends, nodes) {
	const targets = new Set(ends.inside.map((edge) => edge.target));
	const exits = /* @__PURE__ */ new Map();
	for (const edge of ends.leaving) exits.set(edge.source, [...exits.get(edge.source) ?? [], edge.target].sort());
	const ways = new Set([...exits.values()].map((one) => one.join(" ")));
	return nodes.length > 0 && nodes.every((node) => !BOUND.has(String(node.type)) && node.compensate === void 0) && [...ends.inside, ...ends.leaving].every((edge) => edge.port === "out") && ends.entering.every((edge) => !targets.has(edge.target)) && ways.size <= 1;
}
function isRead(nodes, name, kindOf) {
	return nodes.some((node) => renamingsOf(node, name, PROBE, kindOf).length > 0);
}
function withReferences(document, found, group, kindOf) {
	return found.reduce((made, { id, body }) => {
		const reading = referencesIn(made, body.path, id, `${group}.${id}`, kindOf);
		return made.setAll(reading.map(({ path, text }) => ({
			path,
			value: text
		})));
	}, document);
}
function connectOnce(document, body, edge) {
	const { source, target, port } = edge;
	return edgesOf(document.at(body)).some((one) => one.source === source && one.target === target && one.port === port) ? document : connect(document, body, {
		source,
		target,
		port
	});
}
function templatesOf(names) {
	return Object.fromEntries(names.map((name) => [name, `{{${name}}}`]));
}
function workflowOf(nodes, ends, read, given) {
	const ids = nodes.map((node) => String(node.id));
	const end = freeId("end", ids);
	const last = ids.filter((id) => !ends.inside.some((edge) => edge.source === id));
	return {
		...read.length ? { inputs: Object.fromEntries(read.map((name) => [name, { type: "any" }])) } : {},
		nodes: [...nodes, {
			id: end,
			type: "end",
			config: { outputs: templatesOf(given) }
		}],
		edges: [...ends.inside.map(({ source, target }) => ({
			source,
			target
		})), ...last.map((source) => ({
			source,
			target: end
		}))]
	};
}
// src/screens/editor/commands.ts
function selectAll(session) {
	const { drawn, selected } = session.store.getState();
	const around = drawn.places.nodes.get(selected[0] ?? "")?.body.address ?? "";
	session.select([...drawn.places.nodes.values()].filter((node) => node.body.address === around).map((node) => node.address));
}
/** The selection as text; empty when nothing is selected. */
function copied(session) {
	const { drawn, selected } = session.store.getState();
	const clip = clipOf(drawn.document.value, drawn.places, selected);
	return clip.nodes.length ? clipText(clip) : "";
}
function cut(session) {
	const text = copied(session);
	if (text) removeAll(session, session.store.getState().selected, []);
	return text;
}
/** Put text in as nodes, beside what is selected or into a selected composite. False when it has none. */
function pasted(session, text) {
	const clip = readClip(text);
	if (clip === null) return false;
	put(session, targetBody(session), clip);
	return true;
}
function targetBody(session) {
	const { drawn, selected } = session.store.getState();
	const [address = ""] = selected;
	const inside = [...drawn.places.bodies.values()].find((body) => body.address === address || body.address.startsWith(`${address}[`));
	if (selected.length === 1 && inside && address) return inside;
	return drawn.places.nodes.get(address)?.body ?? drawn.places.bodies.get("");
}
function duplicate(session) {
	const { drawn, selected } = session.store.getState();
	const clip = clipOf(drawn.document.value, drawn.places, selected);
	if (clip.nodes.length) put(session, drawn.places.nodes.get(selected[0] ?? "")?.body, clip);
}
var BESIDE = {
	x: 40,
	y: 40
};
function put(session, body, clip) {
	if (!body) return;
	let ids = [];
	if (!session.edit((document) => {
		const made = paste(document, body, clip, (type) => session.kinds.get(type));
		ids = made.ids;
		return made.document;
	})) return;
	const before = placesIn(session);
	const places = /* @__PURE__ */ new Map();
	for (const [index, node] of clip.nodes.entries()) {
		const at = before.get(body.prefix + String(node.id));
		if (at) places.set(body.prefix + (ids[index] ?? ""), {
			x: at.x + BESIDE.x,
			y: at.y + BESIDE.y
		});
	}
	if (places.size) moveNodes(session, places);
	session.select(ids.map((id) => body.prefix + id));
}
/** The selection as a workflow of the document; false where that would change what it does. */
function groupSelected(session) {
	const { drawn, selected, checked, root } = session.store.getState();
	const names = /* @__PURE__ */ new Set();
	for (const address of selected) for (const one of checked?.nodes?.[prefixOf(root) + address]?.in_scope ?? []) if (PASSED.has(one.kind)) names.add(one.name.split(/[.[]/)[0] ?? "");
	const around = drawn.places.nodes.get(selected[0] ?? "")?.body;
	const made = grouped(drawn.document, drawn.places, selected, [...names], (type) => session.kinds.get(type));
	if (!around || made === null) return false;
	const done = session.edit(() => made.document);
	if (done) session.select([around.prefix + made.id]);
	return done;
}
/** Kinds of names that a workflow sees only when it is given them. */
var PASSED = /* @__PURE__ */ new Set([
	"node",
	"input",
	"variable",
	"item"
]);
// src/screens/editor/form-scope.tsx
/** What the forms of one node share: names it may read, and how a setting gets into the document. */
var NOTHING = [];
function FormScope({ session, address, templates, children }) {
	const readable = useReadable(session, address);
	const models = useModels(session);
	const workflows = useWorkflows(session);
	const environment = (0, import_react.useMemo)(() => ({
		readable,
		templates,
		models,
		workflows,
		key: address,
		set: (path, value, isTyping = false) => {
			const kind = isTyping ? `typing ${path.join(".")}` : "";
			session.edit((document) => value === void 0 ? removed(document, path) : document.set(path, value), kind);
		},
		rename: (path, name) => void session.edit((document) => document.renameKey(path, name))
	}), [
		readable,
		templates,
		models,
		workflows,
		address,
		session
	]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FormContext.Provider, {
		value: environment,
		children
	});
}
/** Without a setting; a configuration that only had this one stays as an empty one. */
function removed(document, path) {
	return document.at(path) === void 0 ? document : document.remove(path);
}
function useReadable(session, address) {
	const name = useStore(session.store, (state) => prefixOf(state.root)) + address;
	const node = useStore(session.store, (state) => state.checked?.nodes?.[name]);
	const text = useStore(session.store, (state) => state.document.text);
	const json = useStore(session.store, (state) => state.document.json);
	const asked = useQuery({
		queryKey: [
			"readable",
			name,
			text
		],
		enabled: address !== "" && node !== void 0 && node.in_scope === null,
		queryFn: async () => {
			return (await call("post", "/api/workflows/validate", {
				query: {
					scope: true,
					node: name
				},
				text: {
					body: text,
					type: mediaType(json)
				}
			})).data.nodes?.[name]?.in_scope ?? [];
		}
	});
	return node?.in_scope ?? asked.data ?? NOTHING;
}
/** Models that the document names, and those that the kinds give as examples. */
function useModels(session) {
	const document = useStore(session.store, (state) => state.drawn.document);
	return (0, import_react.useMemo)(() => {
		const found = /* @__PURE__ */ new Set();
		const look = (value) => {
			if (Array.isArray(value)) for (const one of value) look(one);
			if (!isObject(value)) return;
			if (typeof value.model === "string" && value.model !== "") found.add(value.model);
			for (const one of Object.values(value)) look(one);
		};
		look(document.value);
		return [...found];
	}, [document]);
}
function useWorkflows(session) {
	const inside = useStore(session.store, (state) => valueAt(state.drawn.document.value, ["workflows"]));
	const stored = useQuery({
		queryKey: ["workflows", "ids"],
		queryFn: async () => (await call("get", "/api/workflows", { query: { limit: 1e3 } })).data.items.map((one) => one.id)
	});
	return (0, import_react.useMemo)(() => [...Object.keys(isObject(inside) ? inside : {}), ...stored.data ?? []], [inside, stored.data]);
}
// src/screens/editor/node-schema.ts
var duration = (description = "") => ({
	"x-widget": "duration",
	description
});
var number = (minimum, maximum) => ({
	type: "number",
	minimum,
	...maximum === void 0 ? {} : { maximum }
});
var KINDS_OF_FAILURE = {
	type: "array",
	items: { type: "string" }
};
/** Settings of any node, in the order of the form. */
function nodeSchema(t) {
	return {
		type: "object",
		properties: {
			timeout: duration(t.timeout),
			retry: {
				description: t.retry,
				type: "object",
				properties: {
					max_attempts: number(1, 100),
					delay: duration(),
					backoff: number(1, 100),
					max_delay: duration(),
					jitter: number(0, 1),
					retry_on: KINDS_OF_FAILURE,
					give_up_on: KINDS_OF_FAILURE
				}
			},
			on_error: {
				description: t.onError,
				type: "object",
				properties: {
					strategy: { enum: [
						"fail",
						"skip",
						"continue",
						"default_value",
						"error_branch"
					] },
					value: { "x-widget": "value" }
				}
			},
			compensate: {
				type: "string",
				description: t.compensate
			},
			idempotency_key: {
				"x-widget": "template",
				"x-group": "protection",
				description: t.idempotency
			},
			cache: {
				description: t.cache,
				"x-group": "protection",
				type: "object",
				properties: {
					ttl: duration(),
					key: { "x-widget": "template" }
				}
			},
			breaker: {
				description: t.breaker,
				"x-group": "protection",
				type: "object",
				properties: {
					failures: number(1),
					open_for: duration(),
					half_open_calls: number(1),
					successes: number(1),
					key: { "x-widget": "template" },
					fallback: { "x-widget": "value" }
				}
			},
			rate_limit: {
				description: t.rate,
				"x-group": "protection",
				type: "object",
				properties: {
					rate: number(0),
					per: duration(),
					algorithm: { enum: [
						"token_bucket",
						"fixed_window",
						"sliding_window",
						"leaky_bucket"
					] },
					burst: number(1),
					key: { "x-widget": "template" },
					wait: { "x-widget": "value" }
				}
			},
			concurrency: {
				...number(1, 1e3),
				"x-group": "protection",
				description: t.concurrency
			}
		}
	};
}
/** Keys of a node that have a place of their own in the panel. */
var NODE_HEAD = [
	"id",
	"type",
	"name",
	"config",
	"position",
	"profile"
];
/** Settings of a node that take no template. */
var NODE_FIXED = [
	"timeout",
	"retry",
	"on_error",
	"compensate",
	"concurrency"
];
function workflowSchema(t) {
	const pairs = (description) => ({
		"x-widget": "key_values",
		description
	});
	return {
		type: "object",
		properties: {
			name: {
				type: "string",
				description: t.name
			},
			description: {
				"x-widget": "template",
				description: t.description
			},
			inputs: {
				"x-widget": "schema",
				description: t.inputs
			},
			variables: pairs(t.variables),
			conversation: {
				...pairs(t.conversation),
				"x-group": "conversation"
			},
			environment: {
				...pairs(t.environment),
				"x-group": "more"
			},
			labels: {
				...pairs(t.labels),
				"x-group": "more"
			},
			settings: {
				"x-widget": "value",
				"x-group": "more"
			}
		}
	};
}
var WORKFLOW_HEAD = [
	"id",
	"nodes",
	"edges",
	"workflows"
];
// src/screens/editor/node-texts.ts
var nodeTexts = defineTexts({
	timeout: "From start to finish of an attempt.",
	retry: "How often and when an attempt that failed is made again.",
	onError: "What becomes of the run when all attempts have failed.",
	compensate: "Id of the node that undoes this one when the run fails or is cancelled.",
	idempotency: "The same key of the same node is one execution for 24 hours.",
	cache: "Give again what the same key gave before.",
	breaker: "After failures in a row, fail at once for a while.",
	rate: "So many attempts in a time.",
	concurrency: "Attempts of this node at a time.",
	name: "For people.",
	description: "For people.",
	inputs: "What a run is given.",
	variables: "Values that assign changes, and what they begin as.",
	conversation: "Variables that live on in the runs of a conversation.",
	environment: "Constants, read as env.name.",
	labels: "To find the workflow by."
}, {
	timeout: "一次尝试从开始到结束的时间。",
	retry: "失败的尝试重试几次、何时重试。",
	onError: "所有尝试都失败后，运行如何继续。",
	compensate: "运行失败或取消时，撤销本节点的节点标识。",
	idempotency: "同一节点的同一键在 24 小时内只执行一次。",
	cache: "同一键直接给出之前的结果。",
	breaker: "连续失败后，一段时间内直接失败。",
	rate: "一段时间内最多尝试多少次。",
	concurrency: "本节点同时进行的尝试数。",
	name: "供人阅读。",
	description: "供人阅读。",
	inputs: "运行得到的输入。",
	variables: "由 assign 修改的值及其初始值。",
	conversation: "在会话的各次运行中保留的变量。",
	environment: "常量，以 env.name 读取。",
	labels: "用来查找工作流。"
});
// src/screens/editor/rename.ts
/** Gives a node of a session another id. */
/** Rename a node with all that reads it; its box stays where it is, and selected. */
function renameTo(session, address, id) {
	const { drawn, root } = session.store.getState();
	const place = drawn.places.nodes.get(address);
	if (!place) return;
	const prefix = prefixOf(root);
	const next = place.body.prefix + id;
	if (!session.edit((document) => renameNode(document, place, id, (type) => session.kinds.get(type)))) return;
	session.arrange((layout) => ({
		...layout,
		nodes: Object.fromEntries(Object.entries(layout.nodes ?? {}).map(([at, box]) => [renamedAddress(at, prefix + address, prefix + next), box]))
	}));
	session.select([next]);
}
// src/screens/editor/source-panel.tsx
/** The text of the draft, edited beside the canvas; both show what the other does. */
function SourcePanel({ desk, address }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const document = useStore(session.store, (state) => state.document);
	const checked = useStore(session.store, (state) => state.checked);
	const [goTo, setGoTo] = (0, import_react.useState)(null);
	const marks = (0, import_react.useMemo)(() => marksOf(document.text, checked?.findings ?? []), [document.text, checked]);
	(0, import_react.useEffect)(() => {
		const { drawn } = session.store.getState();
		const place = drawn.places.nodes.get(address);
		if (place) setGoTo({ at: drawn.document.offsetOf(place.path) });
	}, [session, address]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "source-panel",
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(CodeEditor, {
			label: t.source,
			value: document.text,
			change: (text) => session.setText(text, "typing the source"),
			language: document.json ? "json" : "yaml",
			marks,
			goTo,
			fill: true
		})
	});
}
/** Findings at the characters where they stand. */
function marksOf(text, findings) {
	const starts = [0];
	for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
	return findings.flatMap((one) => {
		const start = one.line ? starts[one.line - 1] : void 0;
		return start === void 0 ? [] : [{
			from: start + (one.column ?? 1) - 1,
			level: one.level,
			message: one.message
		}];
	});
}
// src/screens/editor/inspector.tsx
/** The panel of what is selected: a node's form, its text, a trial; or the workflow's own settings. */
var TryNode = later(async () => (await __vitePreload(async () => {
	const { TryNode } = await import("./try-node-RylSmJHx.js");
	return { TryNode };
}, __vite__mapDeps([0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]))).TryNode);
function Inspector({ desk }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const selected = useStore(session.store, (state) => state.selected);
	const [tab, setTab] = (0, import_react.useState)("form");
	const [address] = selected;
	if (selected.length > 1) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Several, { session });
	const tabs = [
		["form", t.form],
		["source", t.source],
		...address === void 0 ? [] : [["try", t.tryOut]]
	];
	const shown = tabs.some(([one]) => one === tab) ? tab : "form";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("aside", {
		className: "inspector",
		"aria-label": t.nodePanel,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "tabs",
				role: "tablist",
				"aria-label": t.nodePanel,
				children: tabs.map(([one, label]) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					role: "tab",
					className: "plain",
					"aria-selected": one === shown,
					onClick: () => setTab(one),
					children: label
				}, one))
			}),
			shown === "source" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SourcePanel, {
				desk,
				address: address ?? ""
			}),
			shown === "form" && (address === void 0 ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WorkflowForm, { session }) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeForm, {
				session,
				address
			}, address)),
			shown === "try" && address !== void 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TryNode, {
				desk,
				address
			}, address)
		]
	});
}
function Several({ session }) {
	const t = useTexts(editorTexts);
	const selected = useStore(session.store, (state) => state.selected);
	const group = () => {
		if (!groupSelected(session)) session.patch({ notice: t.cannotGroup });
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("aside", {
		className: "inspector",
		"aria-label": t.nodePanel,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "panel stack",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.selectedMany(selected.length) }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							onClick: () => duplicate(session),
							children: t.duplicate
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							title: t.groupHelp,
							onClick: group,
							children: t.group
						}),
						/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
							type: "button",
							className: "danger",
							onClick: () => removeAll(session, selected, []),
							children: t.deleteNodes(selected.length)
						})
					]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("fieldset", {
					className: "bare row",
					"aria-label": t.align,
					children: ALIGNMENTS.map((how) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => alignSelected(session, how),
						children: t[`align_${how}`]
					}, how))
				})
			]
		})
	});
}
function WorkflowForm({ session }) {
	const t = useTexts(editorTexts);
	const words = useTexts(nodeTexts);
	const root = useStore(session.store, (state) => state.root);
	const value = useStore(session.store, (state) => state.drawn.document.at(root));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "panel",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h2", { children: t.workflow }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.workflowHelp
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(FormScope, {
				session,
				address: "",
				templates: false,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaForm, {
					schema: workflowSchema(words),
					value,
					path: root,
					without: WORKFLOW_HEAD
				})
			})
		]
	});
}
function NodeForm({ session, address }) {
	const t = useTexts(editorTexts);
	const words = useTexts(nodeTexts);
	const drawn = useStore(session.store, (state) => state.drawn);
	const place = drawn.places.nodes.get(address);
	const node = place && drawn.document.at(place.path);
	if (!place || !isObject(node)) return null;
	const kind = session.kinds.get(String(node.type));
	const findings = usableSchema(kind?.config_schema);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FormScope, {
		session,
		address,
		templates: true,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "panel",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeHead, {
					session,
					address,
					node
				}),
				kind ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: kind.summary
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					children: t.unknownKind
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(NodeFindings, {
					session,
					address
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaForm, {
					schema: findings,
					value: node.config,
					path: [...place.path, "config"],
					fixed: kind?.fixed ?? []
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
					className: "form-group",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.nodeSettings }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaForm, {
						schema: nodeSchema(words),
						value: node,
						path: place.path,
						fixed: NODE_FIXED,
						without: NODE_HEAD
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row panel-end",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: () => duplicate(session),
						children: t.duplicate
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "button",
						className: "danger",
						onClick: () => removeAll(session, [address], []),
						children: [
							t.deleteNodes(1),
							" ",
							/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "hidden-text",
								children: place.id
							})
						]
					})]
				})
			]
		})
	});
}
function usableSchema(schema) {
	return isObject(schema) ? schema : { type: "object" };
}
function NodeHead({ session, address, node }) {
	const t = useTexts(editorTexts);
	const place = useStore(session.store, (state) => state.drawn).places.nodes.get(address);
	const [id, setId] = (0, import_react.useState)(String(node.id));
	const [name, setName] = (0, import_react.useState)(String(node.name ?? ""));
	(0, import_react.useEffect)(() => setName(String(node.name ?? "")), [node.name]);
	if (!place) return null;
	const isBad = id !== place.id && (!isId(id) || place.body.ids.includes(id));
	const rename = () => {
		if (id === place.id || isBad) {
			setId(place.id);
			return;
		}
		renameTo(session, address, id);
	};
	const call = () => {
		if (name === String(node.name ?? "")) return;
		session.edit((document) => name === "" ? document.remove([...place.path, "name"]) : document.set([...place.path, "name"], name));
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "node-head",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.name, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				value: name,
				placeholder: place.id,
				onChange: (event) => setName(event.target.value),
				onBlur: call,
				onKeyDown: (event) => event.key === "Enter" && call()
			})] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [
				t.id,
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
					className: "kind",
					children: String(node.type)
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					className: "mono",
					value: id,
					"aria-invalid": isBad || void 0,
					onChange: (event) => setId(event.target.value),
					onBlur: rename,
					onKeyDown: (event) => event.key === "Enter" && rename()
				})
			] }),
			isBad && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "field-problem",
				role: "status",
				children: t.badId
			})
		]
	});
}
function NodeFindings({ session, address }) {
	const checked = useStore(session.store, (state) => state.checked);
	const name = useStore(session.store, (state) => prefixOf(state.root)) + address;
	return (checked?.findings.filter((one) => one.node === name && one.level !== "info") ?? []).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
		className: `finding-row finding-${one.level}`,
		children: [visible(one.message), one.hint ? ` — ${visible(one.hint)}` : ""]
	}, `${one.code} ${one.path}`));
}
// src/screens/editor/keys.ts
/** The keys of the editor. Fields keep their own: nothing here happens while somebody writes. */
/** Whether an event belongs to something that text is written into. */
function isWriting(target) {
	return target instanceof HTMLElement && (target.isContentEditable || target.closest("input, textarea, select, dialog, .cm-editor") !== null);
}
function useKeys(session, actions) {
	(0, import_react.useEffect)(() => {
		const held = controlKeys(session, actions);
		const plain = {
			a: actions.add,
			"/": actions.find,
			"?": actions.help,
			escape: () => session.select([])
		};
		const down = (event) => {
			const control = event.ctrlKey || event.metaKey;
			const name = event.key.toLowerCase();
			if (!(control && name === "s") && isWriting(event.target)) return;
			const action = control ? held[event.shiftKey ? `shift ${name}` : name] : plain[name];
			if (!action || event.altKey) return;
			event.preventDefault();
			action();
		};
		const copy = (event) => {
			if (isWriting(event.target) || getSelection()?.toString()) return;
			const text = event.type === "cut" ? cut(session) : copied(session);
			if (!text) return;
			event.preventDefault();
			event.clipboardData?.setData("text/plain", text);
		};
		const paste = (event) => {
			if (isWriting(event.target)) return;
			if (pasted(session, event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
		};
		document.addEventListener("keydown", down);
		document.addEventListener("copy", copy);
		document.addEventListener("cut", copy);
		document.addEventListener("paste", paste);
		return () => {
			document.removeEventListener("keydown", down);
			document.removeEventListener("copy", copy);
			document.removeEventListener("cut", copy);
			document.removeEventListener("paste", paste);
		};
	}, [session, actions]);
}
function controlKeys(session, actions) {
	return {
		z: () => session.undo(),
		y: () => session.redo(),
		"shift z": () => session.redo(),
		d: () => duplicate(session),
		a: () => selectAll(session),
		s: actions.save
	};
}
// src/screens/editor/new-note.ts
function addNote(session, text) {
	session.arrange((layout) => {
		const notes = layout.notes ?? [];
		const used = new Set(notes.map((note) => note.id));
		let number = notes.length + 1;
		while (used.has(`note${number}`)) number += 1;
		const note = {
			id: `note${number}`,
			text,
			x: 0,
			y: -140,
			width: 220,
			height: 100
		};
		return {
			...layout,
			notes: [...notes, note]
		};
	});
}
// src/screens/editor/outline.tsx
/** The nodes as a list, in the order of the document: what the canvas shows, for who does not see it. */
function Outline({ session, show }) {
	const t = useTexts(editorTexts);
	const graph = useStore(session.store, (state) => state.drawn.graph);
	const selected = useStore(session.store, (state) => state.selected);
	const [open, setOpen] = (0, import_react.useState)(false);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "outline",
		onToggle: (event) => setOpen(event.currentTarget.open),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.outline }), open && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: graph.nodes.map((node) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", {
			style: { paddingLeft: 12 * (node.address.split("/").length - 1) },
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "plain cut",
				"aria-pressed": selected.includes(node.address),
				onClick: () => {
					session.select([node.address]);
					show(node.address);
				},
				children: [
					visible(node.name || node.id),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "kind",
						children: node.type
					})
				]
			})
		}, node.address)) })]
	});
}
// src/screens/editor/palette-texts.ts
/** Names of categories; one that is not here is shown as it is. */
var paletteTexts = defineTexts({
	flow: "Flow",
	models: "Models",
	people: "People",
	data: "Data",
	text: "Text",
	code: "Code",
	web: "Web",
	other: "Other"
}, {
	flow: "流程",
	models: "模型",
	people: "人员",
	data: "数据",
	text: "文本",
	code: "代码",
	web: "网络",
	other: "其他"
});
// src/screens/editor/palette.tsx
/** The kinds of nodes, by category and with a search; each is dragged to the canvas or added by a click. */
var ORDER = [
	"flow",
	"models",
	"people",
	"data",
	"text",
	"code",
	"web",
	"other"
];
/** How well a kind fits what is searched; less is better. */
function distance(kind, wanted) {
	if (wanted === "") return 0;
	if (kind.type === wanted) return 0;
	if (kind.type.startsWith(wanted)) return 1;
	return [kind.type, ...kind.aliases].some((name) => name.includes(wanted)) ? 2 : 3;
}
/** The kinds that have all of some words, by category; where the best one is comes first. */
function kindsFor(kinds, wanted) {
	const text = wanted.trim().toLowerCase();
	const words = text.split(/\s+/);
	const all = [...new Set(kinds.values())].filter((kind) => {
		const says = [
			kind.type,
			...kind.aliases,
			kind.summary
		].join(" ").toLowerCase();
		return words.every((word) => says.includes(word));
	}).map((kind) => ({
		kind,
		far: distance(kind, text)
	})).sort((a, b) => a.far - b.far || a.kind.type.localeCompare(b.kind.type));
	const found = /* @__PURE__ */ new Map();
	for (const one of all) found.set(one.kind.category, [...found.get(one.kind.category) ?? [], one]);
	const rank = (name) => ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length;
	return [...found].sort(([a, [one]], [b, [other]]) => (one?.far ?? 0) - (other?.far ?? 0) || rank(a) - rank(b)).map(([category, inside]) => [category, inside.map((one) => one.kind)]);
}
function Palette({ kinds, add }) {
	const t = useTexts(editorTexts);
	const names = useTexts(paletteTexts);
	const [wanted, setWanted] = (0, import_react.useState)("");
	const found = (0, import_react.useMemo)(() => kindsFor(kinds, wanted), [kinds, wanted]);
	const first = found[0]?.[1][0];
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
		className: "palette",
		onSubmit: (event) => {
			event.preventDefault();
			if (first) add(first.type);
		},
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "search",
				"aria-label": t.searchKinds,
				placeholder: t.searchKinds,
				value: wanted,
				"data-first": true,
				onChange: (event) => setWanted(event.target.value)
			}),
			found.length === 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
				className: "muted",
				children: t.noKind
			}),
			found.map(([category, all]) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("section", {
				"aria-label": names[category] ?? category,
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h3", { children: names[category] ?? category }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: all.map((kind) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					className: "plain kind-choice",
					draggable: true,
					title: kind.summary,
					onDragStart: (event) => {
						event.dataTransfer.setData(DRAGGED_KIND, kind.type);
						event.dataTransfer.effectAllowed = "copy";
					},
					onClick: () => add(kind.type),
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: kind.type }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted cut",
						children: kind.summary
					})]
				}) }, kind.type)) })]
			}, category))
		]
	});
}
// src/screens/editor/problems.tsx
/** What the checks found; a click leads to the node, or to the line where there is none. */
var SHOWN = 200;
var RANK = {
	error: 0,
	warning: 1,
	info: 2
};
function Problems({ session, go }) {
	const t = useTexts(editorTexts);
	const checked = useStore(session.store, (state) => state.checked);
	const unreadable = useStore(session.store, (state) => state.document.problem);
	const found = (checked?.findings ?? []).filter((one) => one.level !== "info");
	const sorted = [...found].sort((a, b) => RANK[a.level] - RANK[b.level]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", {
		className: "problems",
		open: found.length > 0 && unreadable !== null,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
				role: "status",
				children: [checked === null ? t.checking : t.problems(found.length), checked?.valid && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
					className: "muted",
					children: [" ", t.sound]
				})]
			}) }),
			unreadable && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
				className: "finding-row finding-error",
				children: [
					t.unreadable,
					" ",
					unreadable.message
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: sorted.slice(0, SHOWN).map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "plain finding-row",
				onClick: () => go(one),
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: `finding-${one.level}`,
						"aria-hidden": "true",
						children: one.level === "error" ? "✕" : "⚠"
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono",
						children: visible(one.node || one.path || "") || (one.line ? t.line(one.line) : "")
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", { children: [visible(one.message), one.hint ? ` — ${visible(one.hint)}` : ""] })
				]
			}) }, `${one.code} ${one.path} ${one.message}`)) })
		]
	});
}
// src/screens/editor/toolbar.tsx
/** What stands above the canvas: the workflow, whether it is saved, and what can be done with it. */
function Toolbar({ desk, source, toggleSource, open, arrange, addNote }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	const history = useStore(session.store, (state) => state.history);
	const name = useStore(session.store, (state) => {
		const value = state.drawn.document.value;
		return isObject(value) && typeof value.name === "string" ? value.name : "";
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("header", {
		className: "toolbar",
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "toolbar-title",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("h1", {
				className: "cut",
				children: visible(name || session.workflowId)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SavingState, {
				desk,
				resolve: () => open("merge")
			})]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row toolbar-actions",
			children: [
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					disabled: history.past.length === 0,
					onClick: () => session.undo(),
					children: ["↶ ", /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "hidden-text",
						children: t.undo
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					disabled: history.future.length === 0,
					onClick: () => session.redo(),
					children: ["↷ ", /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "hidden-text",
						children: t.redo
					})]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: arrange,
					children: t.arrange
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: addNote,
					children: t.note
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					"aria-pressed": source,
					onClick: toggleSource,
					children: t.source
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					onClick: () => open("versions"),
					children: t.versions
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					"aria-label": t.keys,
					onClick: () => open("help"),
					children: "?"
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
					type: "button",
					onClick: () => open("run"),
					children: ["▶ ", t.run]
				}),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "primary",
					onClick: () => open("publish"),
					children: t.publish
				})
			]
		})]
	});
}
function SavingState({ desk, resolve }) {
	const t = useTexts(editorTexts);
	const saving = useStore(desk.session.store, (state) => state.saving);
	const isBad = saving.state === "failed" || saving.state === "conflict";
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: isBad ? "finding-error" : "muted",
		role: "status",
		children: [
			t.draft,
			" · ",
			savingText(t, saving),
			saving.state === "failed" && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", { children: saving.problem instanceof Error ? saving.problem.message : "" }),
				" ",
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain",
					onClick: () => void desk.draft.flush(),
					children: t.again
				})
			] }),
			saving.state === "conflict" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain",
				onClick: resolve,
				children: t.resolve
			})
		]
	});
}
function savingText(t, saving) {
	if (saving.state !== "saved") return t[saving.state];
	return saving.at === null ? t.saved : t.savedAt(clock(saving.at / 1e3).slice(0, 5));
}
// src/screens/editor/workspace.tsx
/** Palette, canvas, panel and problems, and the dialogs over them. */
var RunDialog = later(async () => (await __vitePreload(async () => {
	const { RunDialog } = await import("./run-dialog-BgY8eJnN.js");
	return { RunDialog };
}, __vite__mapDeps([17,1,2,3,4,5,6,7,8,9,12,13,11,14,10]))).RunDialog);
var PublishDialog = later(async () => (await __vitePreload(async () => {
	const { PublishDialog } = await import("./publish-dialog-BlZ1Q9H2.js");
	return { PublishDialog };
}, __vite__mapDeps([18,1,2,3,4,5,6,7,8,9,12,13,11,14]))).PublishDialog);
var EditorCanvas = (0, import_react.lazy)(() => __vitePreload(() => import("./editor-canvas-CiNeqz52.js"), __vite__mapDeps([19,1,20,3,6,2,4,5,7,8,9,21,16,22,12,13,11,14])));
var MergeDialog = (0, import_react.lazy)(() => __vitePreload(() => import("./merge-dialog-hMzOLUQD.js"), __vite__mapDeps([23,1,24,3,14,2,4,5,6,7,8,9,25,12,13,11])));
var Versions = (0, import_react.lazy)(() => __vitePreload(() => import("./versions-Cqiuw6rA.js"), __vite__mapDeps([26,1,2,3,4,5,6,7,8,9,15,20,21,16,22,13,12,11,14])));
function Workspace({ desk }) {
	const { session } = desk;
	const t = useTexts(editorTexts);
	useDesk(desk);
	useBlocker({
		shouldBlockFn: async () => {
			await desk.draft.flush();
			return desk.draft.isDirty && !globalThis.confirm(t.leaveUnsaved);
		},
		enableBeforeUnload: false
	});
	const [panel, setPanel] = (0, import_react.useState)(null);
	const [target, setTarget] = (0, import_react.useState)(null);
	const [source, setSource] = (0, import_react.useState)(() => session.store.getState().document.problem !== null);
	const [focus, setFocus] = (0, import_react.useState)(null);
	const isEmpty = useStore(session.store, (state) => state.drawn.graph.nodes.length === 0);
	const selected = useStore(session.store, (state) => state.selected);
	const notice = useStore(session.store, (state) => state.notice);
	const editing = (0, import_react.useMemo)(() => editingOf(session, (of) => setTarget({ of })), [session]);
	useKeys(session, (0, import_react.useMemo)(() => ({
		add: () => setTarget({ of: usualTarget(session) }),
		find: () => setPanel("find"),
		help: () => setPanel("help"),
		save: () => void desk.draft.flush()
	}), [session, desk]));
	const close = (0, import_react.useCallback)(() => setPanel(null), []);
	const goTo = (finding) => {
		if (!goToNode(session, finding.node ?? "", setFocus)) setSource(true);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "editor",
		"data-source": source || void 0,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Toolbar, {
				desk,
				source,
				toggleSource: () => setSource(!source),
				open: setPanel,
				arrange: () => session.arrange((layout) => ({
					...layout,
					nodes: {}
				})),
				addNote: () => addNote(session, t.note)
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "editor-palette",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Outline, {
					session,
					show: (address) => setFocus({ address })
				}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
					className: "hide-narrow",
					children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Palette, {
						kinds: session.kinds,
						add: (type) => addKind(session, type, usualTarget(session))
					})
				})]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "editor-canvas",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Breadcrumb, { session }),
					notice && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", {
						className: "problem notice",
						role: "alert",
						children: [notice, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
							type: "button",
							className: "plain",
							onClick: () => session.patch({ notice: "" }),
							children: ["✕", /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
								className: "hidden-text",
								children: t.close
							})]
						})]
					}),
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)(import_react.Suspense, {
						fallback: null,
						children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(EditorCanvas, {
							session,
							editing,
							focus
						})
					}),
					isEmpty && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
						className: "canvas-empty muted",
						children: t.empty
					})
				]
			}),
			source && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "editor-source",
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(SourcePanel, {
					desk,
					address: selected[0] ?? ""
				})
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Inspector, { desk }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problems, {
				session,
				go: goTo
			}),
			target && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
				title: titleOf(t, target.of),
				close: () => setTarget(null),
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Palette, {
					kinds: session.kinds,
					add: (type) => {
						addKind(session, type, target.of);
						setTarget(null);
					}
				})
			}),
			panel === "run" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(RunDialog, {
				desk,
				close
			}),
			panel === "publish" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(PublishDialog, {
				desk,
				close
			}),
			panel === "find" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Find, {
				session,
				close,
				show: (address) => setFocus({ address })
			}),
			panel === "help" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
				title: t.keys,
				close,
				children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ul", { children: t.keyList.split(" · ").map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("li", { children: one }, one)) })
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_react.Suspense, {
				fallback: null,
				children: [panel === "versions" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Versions, {
					desk,
					close
				}), panel === "merge" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(MergeDialog, {
					desk,
					close
				})]
			})
		]
	});
}
function titleOf(t, target) {
	if (target && "after" in target) return t.addAfter(`${target.after} ${target.port}`);
	return target && "edge" in target ? t.addBetween : t.addKind;
}
/** Select the node of a finding, in whichever workflow of the document it is. False when there is none. */
function goToNode(session, address, show) {
	if (address === "") return false;
	const { root } = session.store.getState();
	const inside = /^([^/:[\]]+):(.*)$/.exec(address);
	const wanted = inside ? ["workflows", inside[1] ?? ""] : [];
	const here = inside?.[2] ?? address;
	if (wanted.join() !== root.join()) session.show(wanted);
	if (!session.store.getState().drawn.places.nodes.has(here)) return false;
	session.select([here]);
	show({ address: here });
	return true;
}
/** Which workflow of the document is shown, and the way to the others. */
function Breadcrumb({ session }) {
	const t = useTexts(editorTexts);
	const root = useStore(session.store, (state) => state.root);
	const names = useStore(session.store, (state) => state.drawn.document.at(["workflows"]));
	const inside = typeof names === "object" && names !== null ? Object.keys(names) : [];
	if (inside.length === 0 && root.length === 0) return null;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("nav", {
		className: "breadcrumb",
		"aria-label": t.subWorkflows,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			"aria-pressed": root.length === 0,
			onClick: () => session.show([]),
			children: t.backTo
		}), inside.map((name) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			"aria-pressed": root[1] === name,
			onClick: () => session.show(["workflows", name]),
			children: name
		}, name))]
	});
}
// src/screens/editor/screen.tsx
/** The editor of one workflow. */
var screen_exports = /* @__PURE__ */ __exportAll({ EditorScreen: () => EditorScreen });
function EditorScreen() {
	const { workflowId } = useParams({ from: "/w/$workflowId" });
	const opened = useQuery({
		queryKey: ["editor", workflowId],
		queryFn: ({ signal }) => open(workflowId, signal),
		staleTime: Number.POSITIVE_INFINITY,
		gcTime: 0
	});
	if (opened.error) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, {
		error: opened.error,
		again: () => void opened.refetch()
	});
	if (!opened.data) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Editor, {
		workflowId,
		opened: opened.data
	}, workflowId);
}
function Editor({ workflowId, opened }) {
	const desk = (0, import_react.useMemo)(() => makeDesk(workflowId, opened), [workflowId, opened]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Workspace, { desk });
}
export { EditorScreen, useStore as i, SchemaForm as n, Dialog as r, screen_exports as t };
