import { l as forTab } from "./language-Xe_YX1Uf.js";
// src/api/key.ts
/** The gateway's key, where it asks for one: kept for this tab alone, until it is closed. */
var NAME = "runfold.key";
var listeners = /* @__PURE__ */ new Set();
function tell() {
	for (const listener of listeners) listener();
}
var wanted = false;
var key = {
	get: () => forTab.get(NAME) ?? "",
	/** Whether the gateway refused a request for want of a key that it knows. */
	wanted: () => wanted,
	set(value) {
		wanted = false;
		forTab.set(NAME, value);
		tell();
	},
	refused() {
		wanted = true;
		tell();
	},
	subscribe(listener) {
		listeners.add(listener);
		return () => listeners.delete(listener);
	}
};
// src/api/client.ts
/** Calls of the gateway's public API. Nothing else calls `fetch`, but for `streams.ts`. */
/** What the gateway refused, as it says it: `code` is stable, `message` is for people. */
var ApiProblem = class extends Error {
	status;
	code;
	document;
	constructor(status, code, message, document) {
		super(message);
		this.status = status;
		this.code = code;
		this.document = document;
	}
};
/** Write parameters into a path and behind it; an undefined or empty one is left out. */
function address(path, given) {
	const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(given.path?.[name] ?? "")));
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(given.query ?? {})) for (const one of Array.isArray(value) ? value : [value]) if (one !== void 0 && one !== null && one !== "") query.append(name, String(one));
	const text = query.toString();
	return text ? `${filled}?${text}` : filled;
}
function headersOf(given) {
	const headers = new Headers({ Accept: given.accept ?? "application/json" });
	const bearer = key.get();
	if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
	if (given.etag) headers.set("If-Match", given.etag);
	if (given.idempotencyKey) headers.set("Idempotency-Key", given.idempotencyKey);
	if (given.text) headers.set("Content-Type", given.text.type);
	else if (given.body !== void 0 && !(given.body instanceof FormData)) headers.set("Content-Type", "application/json");
	return headers;
}
function bodyOf(given) {
	if (given.text) return given.text.body;
	if (given.body === void 0) return null;
	return given.body instanceof FormData ? given.body : JSON.stringify(given.body);
}
/** One exchange, whose answer is read as text by the caller. */
async function exchange(method, path, given = {}) {
	const answer = await fetch(address(path, given), {
		method: method.toUpperCase(),
		headers: headersOf(given),
		body: bodyOf(given),
		signal: given.signal ?? null
	});
	if (!answer.ok) throw await problemOf(answer);
	return answer;
}
/** What an answer that is no success says. */
async function problemOf(answer) {
	if (answer.status === 401) key.refused();
	const text = await answer.text();
	let document = {};
	try {
		document = JSON.parse(text);
	} catch {}
	const code = typeof document.code === "string" ? document.code : `http.${answer.status}`;
	const detail = typeof document.detail === "string" ? document.detail : answer.statusText;
	return new ApiProblem(answer.status, code, detail || `HTTP ${answer.status}`, document);
}
/** Call an operation; the types of its parameters, body and answer are the OpenAPI document's. */
async function call(method, path, given = {}) {
	const answer = await exchange(method, path, given);
	const text = await answer.text();
	return {
		data: text ? JSON.parse(text) : void 0,
		etag: answer.headers.get("ETag") ?? "",
		status: answer.status
	};
}
export { key as a, exchange as i, address as n, call as r, ApiProblem as t };
