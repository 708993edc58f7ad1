import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { s as visible, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { r as call, t as ApiProblem } from "./client-wO5ukrQM.js";
import { a as schemaOf, r as problemsByPlace, t as ObjectFields } from "./value-field-DK01RK0K.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { a as count } from "./numbers-DREmUqdS.js";
import { g as runTexts } from "./workspace-view-BwVbuKVI.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
import { t as ActDialog } from "./dialog-B9FryoFD.js";
import { n as touchedBy, t as listed } from "./under-way-DWIoRBtI.js";
import { t as VersionChoice } from "./version-BIS7UqUO.js";
// src/screens/run/actions/inputs.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** The inputs of a workflow as a JSON Schema, for a form that is filled in with those of a run. */
/** Declared inputs, and those that the run was given beside them. */
function inputsSchema(definition, given) {
	const properties = {};
	const required = [];
	for (const [name, written] of Object.entries(schemaOf(schemaOf(definition).inputs))) {
		const declared = schemaOf(written);
		const { type, enum: choices, description, default: initial } = declared;
		properties[name] = {
			...type !== "any" && type !== void 0 ? { type } : typeOf(given[name]),
			...Array.isArray(choices) && choices.length > 0 && { enum: choices },
			...description ? { description } : {},
			...initial !== void 0 && initial !== null && { default: initial }
		};
		if (declared.required) required.push(name);
	}
	for (const [name, value] of Object.entries(given)) {
		if (name in properties) continue;
		properties[name] = typeOf(value);
	}
	return {
		type: "object",
		properties,
		required
	};
}
/** Of an input that may be anything: that of the value it had, so that text is written as text. */
function typeOf(value) {
	const type = typeof value;
	return type === "string" || type === "number" || type === "boolean" ? { type } : {};
}
// src/screens/run/actions/fork.tsx
/** A new run goes on from the event under the playhead, with other inputs or another version. */
var import_jsx_runtime = require_jsx_runtime();
function ForkDialog({ close }) {
	const t = useTexts(runTexts);
	const { runId, moment, data } = useWorkspace();
	const navigate = useNavigate();
	const { first } = data.history;
	const { inputs: before } = moment.state.head;
	const [schema] = (0, import_react.useState)(() => inputsSchema(first?.definition ?? null, before));
	const [at] = (0, import_react.useState)({
		seq: moment.event.seq,
		count: moment.count,
		...touchedBy(moment)
	});
	const [inputs, setInputs] = (0, import_react.useState)(before);
	const [version, setVersion] = (0, import_react.useState)("");
	const [refused, setRefused] = (0, import_react.useState)(/* @__PURE__ */ new Map());
	const anew = [...at.running, ...at.waiting];
	const fork = async () => {
		const body = {
			at: at.seq,
			inputs: changed(before, inputs),
			version
		};
		try {
			const answer = await call("post", "/api/runs/{run_id}/fork", {
				path: { run_id: runId ?? "" },
				body
			});
			await navigate({
				to: "/r/$runId",
				params: { runId: answer.data.run_id },
				search: {}
			});
		} catch (problem) {
			if (problem instanceof ApiProblem) setRefused(problemsByPlace(problem.document));
			throw problem;
		}
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(ActDialog, {
		title: t.forkTitle,
		go: t.forkGo,
		close,
		act: fork,
		children: [
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)("p", { children: t.forkHelp }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("p", { children: [t.forkKept(count(at.count - 1), String(at.seq)), anew.length > 0 && ` ${t.forkAnew} ${visible(listed(anew))}`] }),
			/* @__PURE__ */ (0, import_jsx_runtime.jsx)(VersionChoice, {
				version,
				change: setVersion
			}),
			Object.keys(schema.properties ?? {}).length > 0 && /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("fieldset", {
				className: "bare stack",
				children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("legend", { children: t.inputs }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ObjectFields, {
					schema,
					value: inputs,
					change: setInputs,
					place: "",
					problems: refused,
					depth: 0
				})]
			})
		]
	});
}
/** The inputs that are another value than before; null when none is. */
function changed(before, after) {
	const found = Object.entries(after ?? {}).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
	return found.length > 0 ? Object.fromEntries(found) : null;
}
export { ForkDialog };
