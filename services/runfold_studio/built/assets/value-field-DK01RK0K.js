import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { n as defineTexts, s as useTexts } from "./language-Xe_YX1Uf.js";
import { o as isFile, r as FileLink, s as upload } from "./shown-value-B5SjmbdD.js";
import { o as Problem } from "./index-DgqGT2MN.js";
// src/forms/fields/schema.ts
/** Objects and lists that are in more than so many others are written as JSON. */
var DEEPEST = 5;
function schemaOf(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
/** The one type that a schema allows beside null; empty where there are none or several. */
function typeOf(schema) {
	const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => typeof type === "string" && type !== "null");
	return types.length === 1 ? String(types[0]) : "";
}
function propertiesOf(schema) {
	const required = Array.isArray(schema.required) ? schema.required : [];
	return Object.entries(schemaOf(schema.properties)).map(([name, property]) => ({
		name,
		schema: schemaOf(property),
		required: required.includes(name)
	}));
}
var BY_TYPE = {
	string: "text",
	number: "number",
	integer: "number",
	boolean: "boolean",
	file: "file",
	files: "files"
};
function kindOf(schema, depth = 0) {
	if (Array.isArray(schema.enum)) return "choice";
	const type = typeOf(schema);
	if (type === "array" && depth < DEEPEST) return isOpen(schema.items) ? "json" : "list";
	if (type === "object" && depth < DEEPEST) return isOpen(schema.properties) ? "json" : "object";
	return BY_TYPE[type] ?? "json";
}
function isOpen(value) {
	return Object.keys(schemaOf(value)).length === 0;
}
/**
* What stands in a form before anybody wrote in it: the defaults, and nothing where there is none.
*
* What is undefined is left out of the answer.
*/
function startOf(schema) {
	if ("default" in schema) return schema.default;
	if (kindOf(schema) !== "object") return void 0;
	const found = {};
	for (const property of propertiesOf(schema)) {
		const start = startOf(property.schema);
		if (start !== void 0) found[property.name] = start;
	}
	return Object.keys(found).length > 0 ? found : void 0;
}
/** An object with a field set, or without it where the value is undefined; other fields keep their order. */
function withField(value, name, field) {
	const entries = Object.entries(schemaOf(value)).filter(([key]) => key !== name || field !== void 0);
	const next = new Map(entries);
	if (field !== void 0) next.set(name, field);
	return next.size > 0 ? Object.fromEntries(next) : void 0;
}
/** Problems by the place that they are about, as `tags[1]` of `values.tags[1]`. */
function problemsByPlace(document) {
	const found = /* @__PURE__ */ new Map();
	if (!Array.isArray(document.errors)) return found;
	for (const error of document.errors) {
		const { path, message } = schemaOf(error);
		if (typeof message !== "string") continue;
		const place = typeof path === "string" ? path.replace(/^values\.?/, "") : "";
		found.set(place, [found.get(place), message].filter(Boolean).join("; "));
	}
	return found;
}
// src/forms/fields/texts.ts
var fieldTexts = defineTexts({
	unset: "not set",
	add: "Add",
	remove: (place) => `Remove ${place}`,
	required: "required",
	notJson: "This is no JSON: ",
	notNumber: "A number is asked for",
	json: "JSON",
	yes: "yes",
	no: "no",
	choose: "Choose a file",
	uploading: "Uploading…"
}, {
	unset: "未设置",
	add: "添加",
	remove: (place) => `移除 ${place}`,
	required: "必填",
	notJson: "不是有效的 JSON：",
	notNumber: "需要一个数字",
	json: "JSON",
	yes: "是",
	no: "否",
	choose: "选择文件",
	uploading: "正在上传…"
});
// src/forms/fields/file-field.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function FileField(given) {
	const { schema, value, change, required, id, describedBy, several } = given;
	const t = useTexts(fieldTexts);
	const [busy, setBusy] = (0, import_react.useState)(false);
	const [problem, setProblem] = (0, import_react.useState)(null);
	const files = (Array.isArray(value) ? value : [value]).filter(isFile);
	const put = (next) => {
		if (several) change(next.length > 0 ? next : void 0);
		else change(next.at(-1));
	};
	const choose = async (chosen) => {
		setBusy(true);
		setProblem(null);
		try {
			const stored = await Promise.all([...chosen ?? []].map(upload));
			put([...files, ...stored]);
		} catch (error) {
			setProblem(error);
		} finally {
			setBusy(false);
		}
	};
	const types = Array.isArray(schema.media_types) ? schema.media_types.join(",") : void 0;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack small-gap",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
				type: "file",
				id,
				multiple: several,
				accept: types,
				disabled: busy,
				required: required && files.length === 0,
				"aria-describedby": describedBy,
				onChange: (event) => void choose(event.target.files)
			}),
			busy && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
				role: "status",
				children: t.uploading
			}),
			problem !== null && /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Problem, { error: problem }),
			files.map((file) => /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileLink, { file }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain",
					"aria-label": t.remove(file.name),
					onClick: () => put(files.filter((one) => one !== file)),
					children: "×"
				})]
			}, file.$file))
		]
	});
}
// src/forms/fields/json-field.tsx
/** A value written as JSON. What is no JSON stops the form from being sent. */
function written(value) {
	return value === void 0 ? "" : JSON.stringify(value, null, 2);
}
function JsonField({ value, change, required, id, describedBy }) {
	const t = useTexts(fieldTexts);
	const area = (0, import_react.useRef)(null);
	const [text, setText] = (0, import_react.useState)(() => written(value));
	const [problem, setProblem] = (0, import_react.useState)("");
	(0, import_react.useEffect)(() => area.current?.setCustomValidity(problem), [problem]);
	const take = (next) => {
		setText(next);
		try {
			change(next.trim() === "" ? void 0 : JSON.parse(next));
			setProblem("");
		} catch (error) {
			setProblem(t.notJson + error.message);
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		ref: area,
		id,
		className: "mono",
		rows: Math.min(14, text.split("\n").length + 1),
		placeholder: t.json,
		spellCheck: false,
		required,
		"aria-describedby": describedBy,
		"aria-invalid": problem !== "",
		value: text,
		onChange: (event) => take(event.target.value)
	}), problem && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
		className: "field-problem",
		children: ["✕ ", problem]
	})] });
}
// src/forms/fields/list-field.tsx
/** A list of values, one field each. */
function ListField({ schema, value, change, place, problems, depth }) {
	const t = useTexts(fieldTexts);
	const items = Array.isArray(value) ? value : [];
	const item = schemaOf(schema.items);
	const put = (next) => change(next.length > 0 ? next : void 0);
	const full = typeof schema.maxItems === "number" && items.length >= schema.maxItems;
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "stack",
		children: [items.map((one, index) => {
			const at = `${place}[${index}]`;
			return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
				name: String(index + 1),
				schema: item,
				value: one ?? void 0,
				change: (next) => put(items.with(index, next ?? null)),
				place: at,
				problems,
				depth: depth + 1,
				aside: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
					type: "button",
					className: "plain",
					"aria-label": t.remove(at),
					onClick: () => put(items.filter((_, other) => other !== index)),
					children: "×"
				})
			}, index);
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
			type: "button",
			className: "start",
			disabled: full,
			onClick: () => put([...items, startOf(item) ?? null]),
			children: t.add
		})]
	});
}
// src/forms/fields/value-field.tsx
/** A field for a value of any JSON Schema: what a person fills in, with no templates. */
/** A field with its name, what it is for, and what is wrong with it. */
function ValueField({ name, schema, place, problems, aside, ...rest }) {
	const t = useTexts(fieldTexts);
	const id = (0, import_react.useId)();
	const { required = false, depth = 0 } = rest;
	const title = typeof schema.title === "string" ? schema.title : name;
	const problem = problems.get(place);
	const group = ["object", "list"].includes(kindOf(schema, depth));
	const given = {
		...rest,
		required,
		depth,
		schema,
		place,
		problems,
		id,
		describedBy: `${id}-help`
	};
	const head = /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(import_jsx_runtime.Fragment, { children: [
		title,
		" ",
		required && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "muted small",
			children: t.required
		})
	] });
	const help = /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		id: `${id}-help`,
		className: "field-help",
		children: [typeof schema.description === "string" && /* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
			className: "muted",
			children: schema.description
		}), problem && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("span", {
			className: "field-problem",
			children: ["✕ ", problem]
		})]
	});
	if (group) return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
		className: "field group",
		"aria-describedby": `${id}-help`,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("legend", { children: [
				head,
				" ",
				aside
			] }),
			help,
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Input, { ...given })
		]
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "field",
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
				className: "row",
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("label", {
						htmlFor: id,
						children: head
					}),
					" ",
					aside
				]
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Input, { ...given }),
			help
		]
	});
}
/** The fields of an object's properties. */
function ObjectFields(given) {
	const { schema, value, change, place, problems, depth } = given;
	const record = value ?? {};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
		className: "stack",
		children: propertiesOf(schema).map((property) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ValueField, {
			name: property.name,
			schema: property.schema,
			required: property.required,
			value: record[property.name],
			change: (next) => change(withField(value, property.name, next)),
			place: place ? `${place}.${property.name}` : property.name,
			problems,
			depth: depth + 1
		}, property.name))
	});
}
function Input(given) {
	const { schema, value, change, required, id, describedBy } = given;
	const attributes = {
		id,
		required,
		"aria-describedby": describedBy
	};
	switch (kindOf(schema, given.depth)) {
		case "text": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(TextField, { ...given });
		case "number": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
			...attributes,
			type: "number",
			step: typeOf(schema) === "integer" ? 1 : "any",
			...numbers(schema),
			value: typeof value === "number" ? value : "",
			onChange: (event) => {
				const written = event.target.valueAsNumber;
				change(Number.isFinite(written) ? written : void 0);
			}
		});
		case "boolean": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(BooleanField, { ...given });
		case "choice": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ChoiceField, { ...given });
		case "list": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ListField, { ...given });
		case "object": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectFields, { ...given });
		case "file": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileField, {
			...given,
			several: false
		});
		case "files": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(FileField, {
			...given,
			several: true
		});
		case "json": return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(JsonField, { ...given });
	}
}
function numbers({ minimum, maximum }) {
	return {
		...typeof minimum === "number" && { min: minimum },
		...typeof maximum === "number" && { max: maximum }
	};
}
/** Formats that browsers have a field for. */
var INPUTS = {
	date: "date",
	time: "time",
	email: "email",
	uri: "url",
	password: "password"
};
var SHORT = 80;
function TextField({ schema, value, change, required, id, describedBy }) {
	const { minLength, maxLength, format } = schema;
	const attributes = {
		id,
		required,
		"aria-describedby": describedBy,
		...typeof minLength === "number" && { minLength },
		...typeof maxLength === "number" && { maxLength },
		value: typeof value === "string" ? value : "",
		onChange: (event) => change(event.target.value || void 0)
	};
	const type = INPUTS[String(format)];
	if (type || typeof maxLength === "number" && maxLength <= SHORT) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("input", {
		type: type ?? "text",
		...type === "password" ? { autoComplete: "new-password" } : {},
		...attributes
	});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
		rows: Math.min(12, lines(attributes.value)),
		...attributes
	});
}
function lines(text) {
	return Math.max(1, text.split("\n", 12).length, Math.ceil(Math.min(text.length, 1e3) / SHORT));
}
function BooleanField({ value, change, required, id, describedBy }) {
	const t = useTexts(fieldTexts);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		id,
		required,
		"aria-describedby": describedBy,
		value: typeof value === "boolean" ? String(value) : "",
		onChange: (event) => change({
			true: true,
			false: false
		}[event.target.value]),
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "",
				children: t.unset
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "true",
				children: t.yes
			}),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
				value: "false",
				children: t.no
			})
		]
	});
}
function ChoiceField({ schema, value, change, required, id, describedBy }) {
	const t = useTexts(fieldTexts);
	const choices = schema.enum;
	const chosen = choices.findIndex((one) => JSON.stringify(one) === JSON.stringify(value));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("select", {
		id,
		required,
		"aria-describedby": describedBy,
		value: chosen < 0 ? "" : String(chosen),
		onChange: (event) => change(event.target.value === "" ? void 0 : choices[Number(event.target.value)]),
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: "",
			children: t.unset
		}), choices.map((one, index) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)("option", {
			value: String(index),
			children: typeof one === "string" ? one : JSON.stringify(one)
		}, JSON.stringify(one)))]
	});
}
export { schemaOf as a, propertiesOf as i, ValueField as n, startOf as o, problemsByPlace as r, ObjectFields as t };
