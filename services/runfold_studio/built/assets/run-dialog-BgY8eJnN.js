import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { o as Problem, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call } from "./client-wO5ukrQM.js";
import { S as editorTexts, _ as withValue, h as isObject, n as useAction, v as withoutValue } from "./use-session-DQZEl8qy.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { i as useStore, n as SchemaForm, r as Dialog } from "./screen-DqDVlJ7i.js";
import { s as FormContext } from "./value-field-DkTCUgQt.js";
// src/forms/inputs.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** The inputs that a workflow declares, as the schema of a form. */
/**
* @param declared what stands under `inputs`: a type, or an object, by name.
* @param further names that are read and declared nowhere.
*/
function inputsOf(declared, further) {
	const properties = {};
	const required = [];
	const files = [];
	const known = isObject(declared) ? declared : {};
	for (const [name, written] of Object.entries(known)) {
		const input = isObject(written) ? written : { type: written };
		const type = String(input.type ?? "any");
		if (input.required === true && input.default === void 0) required.push(name);
		if (type === "file" || type === "files") {
			files.push({
				name,
				several: type === "files",
				accept: acceptOf(input.media_types)
			});
			continue;
		}
		properties[name] = schemaOf(input, type);
	}
	for (const name of further) {
		if (Object.hasOwn(known, name)) continue;
		properties[name] = { "x-widget": "value" };
		required.push(name);
	}
	return {
		schema: {
			type: "object",
			properties,
			required
		},
		files
	};
}
function schemaOf(input, type) {
	return {
		...widget(type),
		...Array.isArray(input.enum) ? {
			enum: input.enum,
			"x-widget": "choice"
		} : {},
		...input.default === void 0 ? {} : { default: input.default },
		description: typeof input.description === "string" ? input.description : ""
	};
}
function widget(type) {
	if (type === "any") return { "x-widget": "value" };
	if (type === "string") return {
		type,
		"x-widget": "text"
	};
	if (type === "array" || type === "object") return {
		type,
		"x-widget": "value"
	};
	return { type };
}
function acceptOf(types) {
	return Array.isArray(types) ? types.filter((type) => typeof type === "string").join(",") : "";
}
/** What a form begins with: the defaults. */
function beginningInputs(declared) {
	return Object.fromEntries(Object.entries(isObject(declared) ? declared : {}).flatMap(([name, input]) => isObject(input) && input.default !== void 0 ? [[name, input.default]] : []));
}
// src/screens/editor/inputs-form.tsx
/** The form of a run's inputs; files are stored when they are chosen. */
var import_jsx_runtime = require_jsx_runtime();
function InputsForm({ inputs, values, change }) {
	const t = useTexts(editorTexts);
	const [refused, setRefused] = (0, import_react.useState)(null);
	const environment = (0, import_react.useMemo)(() => ({
		readable: [],
		templates: false,
		models: [],
		workflows: [],
		key: "inputs",
		set: (path, value) => change((before) => value === void 0 ? withoutValue(before, path) : withValue(before, path, value)),
		rename: () => void 0
	}), [change]);
	const store = async (name, several, chosen) => {
		setRefused(null);
		try {
			const files = await Promise.all([...chosen ?? []].map(storeFile));
			change((before) => withValue(before, [name], several ? files : files[0]));
		} catch (problem) {
			setRefused(problem);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(FormContext.Provider, {
		value: environment,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(SchemaForm, {
				schema: inputs.schema,
				value: values,
				path: []
			}),
			inputs.files.map(({ name, several, accept }) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", {
				className: "field",
				children: [name, /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
					type: "file",
					multiple: several,
					accept: accept || void 0,
					title: several ? t.uploads : t.upload,
					onChange: (event) => void store(name, several, event.target.files)
				})]
			}, name)),
			refused !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: refused })
		]
	});
}
async function storeFile(file) {
	const form = new FormData();
	form.append("file", file, file.name);
	return (await call("post", "/api/files", { body: form })).data;
}
// src/screens/editor/kept-inputs.ts
var MOST = 20;
function place(workflowId) {
	return `runfold.inputs.${workflowId}`;
}
function keptSets(workflowId) {
	const text = localStorage.getItem(place(workflowId));
	if (text === null) return [];
	try {
		const sets = JSON.parse(text);
		return Array.isArray(sets) ? sets.filter(isSet) : [];
	} catch {
		return [];
	}
}
function isSet(value) {
	const set = value;
	return typeof set?.name === "string" && typeof set.values === "object" && set.values !== null;
}
function keepSet(workflowId, set) {
	return write(workflowId, [set, ...keptSets(workflowId).filter((one) => one.name !== set.name)].slice(0, MOST));
}
function forgetSet(workflowId, name) {
	return write(workflowId, keptSets(workflowId).filter((one) => one.name !== name));
}
function write(workflowId, sets) {
	localStorage.setItem(place(workflowId), JSON.stringify(sets));
	return sets;
}
// src/screens/editor/run-dialog.tsx
/** Asks for a run's inputs, begins it, and opens it. */
var DRAFT = "draft";
function RunDialog({ desk, close }) {
	const { session, opened } = desk;
	const { workflowId } = session;
	const t = useTexts(editorTexts);
	const navigate = useNavigate();
	const action = useAction();
	const document = useStore(session.store, (state) => state.drawn.document);
	const checked = useStore(session.store, (state) => state.checked);
	const declared = document.at(["inputs"]);
	const inputs = (0, import_react.useMemo)(() => inputsOf(declared, readInputs(checked)), [declared, checked]);
	const [sets, setSets] = (0, import_react.useState)(() => keptSets(workflowId));
	const [values, setValues] = (0, import_react.useState)(() => sets.find((one) => one.name === "")?.values ?? beginningInputs(declared));
	const [version, setVersion] = (0, import_react.useState)(DRAFT);
	const change = (0, import_react.useCallback)((make) => setValues(make), []);
	const isEmpty = inputs.files.length === 0 && isObject(inputs.schema.properties) && Object.keys(inputs.schema.properties).length === 0;
	const begin = async () => {
		if (version === DRAFT && !await desk.draft.flush()) throw new Error(t.unsavedRun);
		const started = await call("post", "/api/workflows/{workflow_id}/run", {
			path: { workflow_id: workflowId },
			body: {
				inputs: values,
				version: version === DRAFT ? DRAFT : Number(version)
			}
		});
		keepSet(workflowId, {
			name: "",
			values
		});
		await navigate({
			to: "/r/$runId",
			params: { runId: started.data.run_id }
		});
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Dialog, {
		title: t.runTitle,
		close,
		children: /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("form", {
			className: "stack",
			onSubmit: (event) => {
				event.preventDefault();
				action.run(begin);
			},
			children: [
				opened.version !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("label", { children: [t.whichVersion, /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
					value: version,
					onChange: (event) => setVersion(event.target.value),
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: DRAFT,
						children: t.runDraft
					}), Array.from({ length: opened.version }, (_, index) => index + 1).reverse().map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
						value: one,
						children: t.runVersion(one)
					}, one))]
				})] }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsx)(KeptSets, {
					workflowId,
					sets,
					setSets,
					values,
					take: setValues
				}),
				isEmpty ? /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "muted",
					children: t.noInputs
				}) : /* @__PURE__ */ (0, import_jsx_runtime.jsx)(InputsForm, {
					inputs,
					values,
					change
				}),
				version === DRAFT && checked?.valid === false && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", {
					className: "field-problem",
					children: t.drafted
				}),
				action.problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: action.problem }),
				/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
					className: "row",
					children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
						type: "submit",
						className: "primary",
						disabled: action.busy,
						children: ["▶ ", t.start]
					}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
						type: "button",
						onClick: close,
						children: t.cancel
					})]
				})
			]
		})
	});
}
/** Inputs that nodes of the workflow itself read, declared or not. */
function readInputs(checked) {
	const found = /* @__PURE__ */ new Set();
	for (const [address, node] of Object.entries(checked?.nodes ?? {})) {
		if (address.includes(":")) continue;
		for (const one of node.in_scope ?? []) if (one.kind === "input") found.add(one.name);
	}
	return [...found].filter((name) => /^[\p{L}\p{M}\p{N}_-]+$/u.test(name));
}
function KeptSets({ workflowId, sets, setSets, values, take }) {
	const t = useTexts(editorTexts);
	const [name, setName] = (0, import_react.useState)("");
	const [chosen, setChosen] = (0, import_react.useState)("");
	const named = sets.filter((one) => one.name !== "");
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("details", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("summary", { children: t.savedSets }), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [named.length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
				"aria-label": t.savedSets,
				value: chosen,
				onChange: (event) => {
					setChosen(event.target.value);
					const set = named.find((one) => one.name === event.target.value);
					if (set) take(set.values);
				},
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { value: "" }), named.map((one) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", { children: one.name }, one.name))]
			}), chosen && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				onClick: () => {
					setSets(forgetSet(workflowId, chosen));
					setChosen("");
				},
				children: t.forget
			})]
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
			className: "row",
			children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				"aria-label": t.keepSet,
				placeholder: t.keepSet,
				value: name,
				onChange: (event) => setName(event.target.value)
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				disabled: name === "",
				onClick: () => {
					setSets(keepSet(workflowId, {
						name,
						values
					}));
					setName("");
				},
				children: t.keep
			})]
		})]
	})] });
}
export { RunDialog };
