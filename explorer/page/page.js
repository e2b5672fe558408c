"use strict";
// The page: it asks the server that it came from, and no one else. No key is kept, and none is in
// an address, in history, or in storage.

const MAX_BYTES = 64 * 1024;
const $ = (id) => document.getElementById(id);
// In the address behind '#', so that it was sent to no one; from here on in memory alone.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

let about = {};

// ---------------------------------------------------------------- asking

async function ask(path, content) {
  const options = { headers: { "X-Explorer-Token": token }, cache: "no-store" };
  if (content !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(content);
  }
  let response;
  try {
    response = await fetch("/api/" + path, options);
  } catch {
    throw new Error("The server of this page does not answer. Was it ended?");
  }
  if (!response.ok) {
    const { error } = await response.json().catch(() => ({}));
    throw new Error(error || `The server of this page answered with ${response.status}.`);
  }
  return response;
}

async function askJson(path, content) {
  const value = await (await ask(path, content)).json();
  if (value.error) throw new Error(value.error); // what was asked for them did not answer
  return value;
}

// ---------------------------------------------------------------- making elements

function el(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const box = (kind, title, ...more) =>
  el("div", { className: `box ${kind}` }, el("p", { className: "title" }, title), more);

// ---------------------------------------------------------------- places in a text

// The offset, in UTF-16 units, of a line and a column that count characters, both from 1. Lines end
// in LF, CRLF or CR; a byte order mark at the beginning is not counted.
function offsetOf(text, line, column) {
  const lineEnd = /\r\n|\r|\n/g;
  let offset = text.startsWith("\uFEFF") ? 1 : 0;
  for (let n = 1; n < line; n += 1) {
    if (!lineEnd.exec(text)) return text.length;
    offset = lineEnd.lastIndex;
  }
  for (let n = 1; n < column && offset < text.length; n += 1) {
    offset += text.codePointAt(offset) > 0xffff ? 2 : 1;
  }
  return offset;
}

// The character at an offset: what is marked. None at the end of the text, or of a line.
function characterAt(text, offset) {
  const character = offset < text.length ? String.fromCodePoint(text.codePointAt(offset)) : "";
  return /[\r\n]/.test(character) ? "" : character;
}

// A text as it is shown, with its character at an offset marked; what cannot be seen becomes a sign.
function marked(text, offset) {
  const character = characterAt(text, offset);
  const end = offset + character.length;
  return [text.slice(0, offset), el("mark", {}, character || "\u00A0"), text.slice(end)];
}

// ---------------------------------------------------------------- private keys

const PRIVATE = [
  /BEGIN[\s\w]{0,40}PRIVATE[\s+]*KEY/i,
  /PuTTY-User-Key-File|Private-Lines:/,
  /b3BlbnNzaC1rZXktdjE/, // openssh-key-v1
  /MII[A-Za-z0-9+/_-]{3}IBA(AK[BC]|DANBgkqhkiG9w0BA)/, // an RSA private key: PKCS #1, PKCS #8
  /BgkqhkiG9w0BBQ/, // encrypted: PKCS #5
  /AGE-SECRET-KEY-1/,
  /<RSAKeyValue>[^]*<(D|P|DP)>/,
  /"kty"[^]*"d"\s*:|"d"\s*:[^]*"kty"/,
];
const ESCAPED = /&#(\d{1,3});|(?:\\u00|\\x|%|=)([0-9a-f]{2})/gi;

// Whether a text holds a private key, also one that is escaped, broken up, or base64 once more. It
// need not find all: the function looks again, harder, and refuses what is missed here.
function holdsPrivateKey(text, depth = 0) {
  const plain = text
    .replace(ESCAPED, (_, decimal, hex) => String.fromCharCode(decimal || parseInt(hex, 16)))
    .replace(/\\[nrt]/g, " ").replaceAll('\\"', '"');
  const joined = plain.replace(/[\s>"']+/g, "");
  if (PRIVATE.some((pattern) => [text, plain, joined].some((each) => pattern.test(each)))) return true;
  const inside = /LS0tL[A-Za-z0-9+/]{20,400}/.exec(joined); // base64 of "----"
  return Boolean(inside) && depth < 3 && holdsPrivateKey(atob(inside[0].slice(0, inside[0].length & ~3)), depth + 1);
}

// ---------------------------------------------------------------- the fields

class Field {
  constructor(id, told) {
    this.input = $(id);
    this.told = $(told); // where what is wrong is said
    this.behind = this.input.previousElementSibling;
    this.input.addEventListener("paste", (event) => this.pasted(event));
    this.input.addEventListener("input", () => this.edited());
    this.input.addEventListener("scroll", () => this.scrolled());
  }

  get text() {
    return this.input.value;
  }

  fill(text) {
    if (holdsPrivateKey(text)) return this.refuse();
    this.input.value = text;
    this.unmark();
    return true;
  }

  pasted(event) {
    if (holdsPrivateKey(event.clipboardData.getData("text"))) {
      event.preventDefault();
      this.refuse();
    }
  }

  edited() {
    this.unmark();
    if (holdsPrivateKey(this.text)) this.refuse();
  }

  // Forget what is in the field, and say why.
  refuse() {
    this.input.value = "";
    this.unmark();
    this.told.replaceChildren(privateKeyBox("It was not sent, and nothing of it is kept."));
    this.input.focus();
    return false;
  }

  // Mark the place where the text goes wrong, and put the cursor there.
  mark(line, column) {
    const text = this.text;
    const offset = offsetOf(text, line, column);
    this.behind.replaceChildren(...marked(text, offset), "\n");
    this.input.setAttribute("aria-invalid", "true");
    this.input.setSelectionRange(offset, offset + characterAt(text, offset).length);
    const place = this.behind.querySelector("mark");
    this.input.scrollTop = place.offsetTop - this.input.clientHeight / 2;
    this.input.scrollLeft = place.offsetLeft - this.input.clientWidth / 2;
    this.scrolled();
  }

  unmark() {
    this.behind.replaceChildren();
    this.input.removeAttribute("aria-invalid");
  }

  scrolled() {
    this.behind.scrollTop = this.input.scrollTop;
    this.behind.scrollLeft = this.input.scrollLeft;
  }
}

const fields = {};

const privateKeyBox = (sentence) => box("bad", "This is a private key.",
  el("p", {}, sentence + " Send the file that ends in .pub."),
  el("p", {}, "A private key that was pasted somewhere may be known to others. Make a new pair."));

// Read a file that was chosen or dropped, as text.
async function textOf(file) {
  if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than 64 KiB: it is no public key.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const utf16 = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()];
  try {
    return new TextDecoder(utf16 || "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file.name} is not text. Use the file that ends in .pub.`);
  }
}

async function fillFrom(file, field) {
  try {
    field.fill(await textOf(file));
  } catch (error) {
    field.told.replaceChildren(box("bad", error.message));
  }
}

function acceptFiles(field) {
  const chooser = $(field.input.id + "-file");
  document.querySelector(`[data-chooses=${field.input.id}]`).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", async () => {
    if (chooser.files.length) await fillFrom(chooser.files[0], field);
    chooser.value = "";
  });
  const around = field.input.parentElement;
  for (const kind of ["dragover", "dragleave", "drop"]) {
    around.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      around.classList.toggle("dragged", kind === "dragover");
      if (kind === "drop") fillFrom(event.dataTransfer.files[0], field);
    });
  }
}

// ---------------------------------------------------------------- calling

const OUTCOMES = {
  imported: "Imported. ENS holds the key pair now.",
  already_imported: "ENS held this key under this name before. Nothing changed.",
  validated: "The key and its name are good. Nothing was imported.",
};

async function call() {
  if ($("send").getAttribute("aria-disabled") === "true") return;
  const parameters = { KeyPairName: fields.name.text, PublicKeyBody: fields.key.text, DryRun: $("dry").checked };
  for (const field of Object.values(fields)) if (holdsPrivateKey(field.text)) return void field.refuse();
  for (const field of Object.values(fields)) field.unmark();
  offerCode(null);
  $("send").setAttribute("aria-disabled", "true");
  $("said").replaceChildren(el("p", { className: "hint" }, "Waiting for the answer ..."));
  try {
    show(parameters, await askJson("call", parameters));
  } catch (error) {
    $("said").replaceChildren(box("bad", "There is no answer.", el("p", {}, error.message)));
    remember(parameters, "", "no answer", "", "");
  } finally {
    $("send").setAttribute("aria-disabled", "false");
  }
}

function show(parameters, answer) {
  let body = {};
  try {
    body = Object(JSON.parse(answer.body));
  } catch { /* not the function's: it is shown as it came */ }
  const header = (name) => Object.entries(answer.headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const outcome = header("x-import-outcome");
  const succeeded = answer.status === 200 && body.KeyPairFingerPrint;
  const parts = succeeded ? success(body, outcome, header) : refusal(parameters, answer, body);
  $("said").replaceChildren(...parts, asSent(answer, body));
  $("said").firstElementChild.scrollIntoView({ block: "nearest" }); // it is below the form where that is narrow
  offerCode(succeeded ? parameters : null);
  if (about.cloud) look();
  if (body.Reason !== "private_key") {
    remember(parameters, answer.status, succeeded ? outcome : body.Reason || body.Code || "", answer.milliseconds, body.RequestId || "");
  }
}

function success(body, outcome, header) {
  const facts = [
    ["KeyPairName", body.KeyPairName],
    ["MD5", body.KeyPairFingerPrint],
    ["SHA256", (header("x-key-fingerprint-sha256") || "").replace("SHA256:", "")],
    ["Warnings", header("x-key-warnings")],
  ].filter(([, value]) => value);
  const parts = [box("good", OUTCOMES[outcome] || "Done."), el("dl", {}, facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, el("code", {}, value))]))];
  if (header("x-fingerprint-verified") === "false") {
    parts.push(box("warn", "ENS answered with another fingerprint than the key's. Tell who runs ENS."));
  }
  return parts;
}

function refusal(parameters, answer, body) {
  if (body.Reason === "private_key") {
    for (const field of Object.values(fields)) field.fill("");
    return [privateKeyBox("The function refused it. The fields were emptied, and nothing is kept here.")];
  }
  const title = body.Code || `HTTP ${answer.status}`;
  const parts = [box("bad", body.Description || body.Message || "The answer is not that of the function.")];
  const field = { KeyPairName: fields.name, PublicKeyBody: fields.key }[body.Parameter];
  if (field && body.Line) {
    field.mark(body.Line, body.Column);
    parts.push(...excerpt(body.Parameter, field.text, body.Line, body.Column));
  }
  if (body.Corrected) {
    const use = el("button", { type: "button", id: "use" }, "Use the corrected line");
    use.addEventListener("click", () => {
      fields.key.fill(body.Corrected);
      $("said").replaceChildren(el("p", { className: "hint" }, "The line was corrected. Call again."));
      $("send").focus();
    });
    parts.push(el("p", {}, use));
  }
  parts.push(el("dl", {}, [["Code", title], ["Reason", body.Reason]].filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, el("code", {}, value))])));
  return parts;
}

// The line that is at fault, or the part of a long one around the place.
function excerpt(parameter, text, line, column) {
  const offset = offsetOf(text, line, column);
  const begin = Math.max(offsetOf(text, line, 1), offset - 60);
  const lineEnd = text.slice(offset).search(/[\r\n]/);
  const end = Math.min(lineEnd < 0 ? text.length : offset + lineEnd, offset + 60);
  return [
    el("p", { className: "hint" }, `${parameter}, line ${line}, column ${column}:`),
    el("code", { className: "excerpt" }, marked(text.slice(begin, end), offset - begin)),
  ];
}

// What came over the wire, for who wants to see it.
function asSent(answer, body) {
  const isJson = Object.keys(body).length > 0;
  return el("details", {}, el("summary", {}, `The whole answer: HTTP ${answer.status}, after ${answer.milliseconds} ms`),
    el("pre", { className: "wraps", tabIndex: 0 }, Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\n`).join("")
      + "\n" + (isJson ? JSON.stringify(body, null, 2) : answer.body)));
}

function remember(parameters, status, outcome, milliseconds, requestId) {
  $("past").hidden = false;
  const cells = [new Date().toLocaleTimeString(), parameters.KeyPairName.slice(0, 128), status, outcome + (parameters.DryRun ? " (dry run)" : ""), milliseconds, requestId];
  $("calls").prepend(el("tr", {}, cells.map((cell) => el("td", {}, String(cell)))));
}

// ---------------------------------------------------------------- code

const code = { parameters: null, wanted: null, programs: [], chosen: "python" };

// Offer programs for the parameters of a call that succeeded; for none, take the offer back.
function offerCode(parameters) {
  code.parameters = parameters;
  code.wanted = null;
  $("code").hidden = !parameters;
  if (parameters) makeCode();
}

const forCode = () => ({ ...code.parameters, Of: $("of").value });

async function makeCode() {
  const wanted = forCode();
  code.wanted = wanted;
  $("code").setAttribute("aria-busy", true);
  $("of-note").textContent = wanted.Of === "ens" && wanted.DryRun ? "ENS has no DryRun: this code imports the key." : "";
  let programs = [];
  try {
    programs = await askJson("code", wanted);
  } catch (error) {
    $("of-note").textContent = error.message;
  }
  if (wanted !== code.wanted) return; // something else was asked for meanwhile
  code.programs = programs;
  $("languages").replaceChildren(...code.programs.map(({ name, title }) =>
    el("button", { type: "button", role: "tab", id: `language-${name}`, "aria-controls": "program", "aria-selected": name === code.chosen, tabIndex: name === code.chosen ? 0 : -1 }, title)));
  showProgram();
  $("code").setAttribute("aria-busy", false);
}

const chosenProgram = () => code.programs.find(({ name }) => name === code.chosen);

function showProgram() {
  const program = chosenProgram();
  $("program").hidden = !program;
  if (!program) return;
  $("program").setAttribute("aria-labelledby", `language-${program.name}`);
  const files = program.files || [];
  $("path").replaceChildren(...files.map(({ path }) => el("option", {}, path)));
  for (const id of ["path", "copy", "download"]) $(id).disabled = !files.length;
  if (files.length) showFile();
  else $("text").replaceChildren(program.error);
}

function showFile() {
  const { pieces } = chosenProgram().files[$("path").selectedIndex];
  $("text").replaceChildren(...pieces.map(([colour, text]) => (colour ? el("span", { className: colour }, text) : text)));
  $("copied").textContent = "";
}

async function copy(text, told) {
  try {
    await navigator.clipboard.writeText(text);
    told.textContent = "Copied.";
  } catch {
    told.textContent = "The browser does not allow it: select the text.";
  }
}

async function download() {
  try {
    const response = await ask("project", { ...forCode(), Language: code.chosen });
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))[1];
    const url = URL.createObjectURL(await response.blob());
    el("a", { href: url, download: name }).click();
    URL.revokeObjectURL(url);
    $("copied").textContent = `${name} was downloaded.`;
  } catch (error) {
    $("copied").textContent = error.message;
  }
}

function beginCode() {
  tabs($("languages"), (tab) => {
    code.chosen = tab.id.slice("language-".length);
    showProgram();
  });
  $("of").addEventListener("change", makeCode);
  $("path").addEventListener("change", showFile);
  $("copy").addEventListener("click", () => copy($("text").textContent, $("copied")));
  $("download").addEventListener("click", download);
}

// ---------------------------------------------------------------- the local cloud

const FAULTS = [
  ["The role is not allowed it: NoPermission", "error", { code: "NoPermission", status: 403 }],
  ["Too many calls: Throttling.User", "throttled"],
  ["The service answers 503", "unavailable"],
  ["The connection breaks; nothing was done", "reset_before_answer"],
  ["The connection breaks; the work was done", "reset_before_answer", {}, true],
  ["The answer takes three seconds longer", "slow", { seconds: 3 }],
  ["The answer is a web page", "html"],
  ["The answer has another fingerprint", "wrong_fingerprint"],
  ["The function's instance is killed", "kill_instance"],
];

const row = (cells) => el("tr", {}, cells.map((cell) => el("td", {}, String(cell ?? ""))));
const rows = (body, all, none) => body.replaceChildren(...(all.length ? all.map(row) : [el("tr", {}, el("td", { colSpan: 6 }, none))]));

async function look() {
  try {
    const { key_pairs: held, calls, faults } = await askJson("cloud");
    rows($("held"), held.map((each) => [each.name, each.fingerprint, each.creation_time]), "Nothing yet.");
    rows($("asked"), calls.reverse().map((each) => [each.service, each.action, each.status, each.code, each.fault, each.request_id]), "Nothing yet.");
    $("planned").textContent = faults.length
      ? "To come: " + faults.map(({ action, fault, times }) => `${action}: ${fault}${times > 1 ? `, ${times} times` : ""}`).join("; ") : "No fault is set.";
  } catch (error) {
    $("planned").textContent = error.message;
  }
}

async function setFault() {
  const [, fault, values, after] = FAULTS[$("kind").selectedIndex];
  try {
    await askJson("fault", { action: $("action").value, fault, arguments: values || {}, after_the_work: Boolean(after), times: Number($("times").value) });
    await look();
  } catch (error) {
    $("planned").textContent = error.message;
  }
}

async function upload(field) {
  if (holdsPrivateKey(field.text)) return void field.refuse();
  const told = $("receipt");
  told.replaceChildren(el("p", { className: "hint" }, "Uploading ..."));
  try {
    const { bucket, object_key, etag } = await askJson("upload", { object_key: $("object").value, text: field.text });
    told.replaceChildren(el("p", { className: "hint" }, `Uploaded to ${bucket}. Waiting for the receipt ...`));
    const receipt = await receiptOf({ object_key, etag });
    const outcome = receipt.content?.outcome;
    told.replaceChildren(...(receipt.content
      ? [box(outcome === "refused" ? "bad" : outcome === "will_retry" ? "warn" : "good", `${outcome}${receipt.content.reason ? ": " + receipt.content.reason : ""}`, el("p", {}, receipt.content.description || "")),
        el("p", { className: "hint" }, receipt.key), el("pre", { className: "wraps", tabIndex: 0 }, JSON.stringify(receipt.content, null, 2))]
      : [box("warn", "No receipt came: only files below keys/ that end in .pub are imported.")]));
  } catch (error) {
    told.replaceChildren(box("bad", error.message));
  }
  look();
}

// Ask until the receipt says how it ended, for ten seconds.
async function receiptOf(uploaded) {
  let receipt = {};
  for (let n = 0; n < 40; n += 1) {
    receipt = await askJson("receipt", uploaded);
    if (receipt.content && receipt.content.reason !== "under_way" && receipt.content.outcome !== "will_retry") break;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
  return receipt;
}

function beginCloud() {
  $("tab-cloud").hidden = false;
  const field = new Field("file", "receipt");
  acceptFiles(field);
  $("kind").replaceChildren(...FAULTS.map(([title]) => el("option", {}, title)));
  $("upload").addEventListener("submit", (event) => { event.preventDefault(); upload(field); });
  $("fault").addEventListener("submit", (event) => { event.preventDefault(); setFault(); });
  $("clear").addEventListener("click", async () => { await ask("faults/clear", {}); look(); });
  look();
}

// ---------------------------------------------------------------- the document

// Text with `code` in it.
const withCode = (text) => text.split("`").map((piece, n) => (n % 2 ? el("code", {}, piece) : piece));

async function showDocument() {
  if ($("tables").childElementCount) return;
  try {
    const { tables, policy } = await askJson("document");
    $("tables").replaceChildren(...tables.flatMap(({ title, rows: [head, ...body] }, n) => [
      el("details", { open: n === 0 }, el("summary", {}, el("h2", { id: `table-${n}` }, title)),
        el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-labelledby": `table-${n}` }, el("table", {},
          el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, withCode(cell))))),
          el("tbody", {}, body.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, withCode(cell))))))))),
    ]));
    $("policy").textContent = policy;
  } catch (error) {
    $("tables").replaceChildren(box("bad", error.message));
  }
}

// ---------------------------------------------------------------- tabs

function tabs(list, chosen) {
  const all = () => [...list.querySelectorAll("[role=tab]:not([hidden])")];
  const choose = (tab) => {
    for (const each of all()) {
      const is = each === tab;
      each.setAttribute("aria-selected", is);
      each.tabIndex = is ? 0 : -1;
      if (each.hasAttribute("aria-controls")) $(each.getAttribute("aria-controls")).hidden = !is;
    }
    chosen?.(tab);
  };
  list.addEventListener("click", (event) => event.target.role === "tab" && choose(event.target));
  list.addEventListener("keydown", (event) => {
    const now = all().indexOf(document.activeElement);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all().length - 1 }[event.key];
    if (now < 0 || next === undefined) return;
    event.preventDefault();
    const tab = all().at(next % all().length);
    tab.focus();
    choose(tab);
  });
}

// ---------------------------------------------------------------- an example

// A public key that nobody has the private half of: it is made here, and forgotten.
async function fillExample() {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
  const { publicKey } = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  const bytes = (base64url) => Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const string = (content) => [0, 0, content.length >> 8, content.length & 255, ...content]; // RFC 4251, section 5
  const number = (content) => string(content[0] & 128 ? [0, ...content] : content);
  const blob = [...string(new TextEncoder().encode("ssh-rsa")), ...number(bytes(e)), ...number(bytes(n))];
  fields.name.fill("alice");
  fields.key.fill(`ssh-rsa ${btoa(String.fromCharCode(...blob))} alice@example.com`);
  $("send").focus();
}

// ---------------------------------------------------------------- beginning

async function begin() {
  for (const id of ["name", "key"]) fields[id] = new Field(id, "said");
  acceptFiles(fields.key);
  tabs($("parts"), ({ id }) => {
    if (id === "tab-document") showDocument();
    if (id === "tab-cloud") look();
  });
  beginCode();
  $("copy-policy").addEventListener("click", () => copy($("policy").textContent, $("policy-copied")));
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    call();
  });
  $("form").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      call();
    }
  });
  const warn = () => { $("real").hidden = about.local !== false || $("dry").checked; };
  $("dry").addEventListener("change", warn);
  try {
    if (!token) throw new Error("Open the address that was printed at the start: it ends in # and a token. Reloading the page loses it.");
    about = await askJson("about");
  } catch (error) {
    $("trouble").textContent = error.message;
    $("trouble").hidden = false;
    return;
  }
  const who = { signature: "signed with your credentials", token: "with your token", none: "unsigned" }[about.authorization];
  $("where").textContent = about.cloud ? `Calls go to the function of the local cloud, ${about.url}. Nothing leaves this machine.` : `Calls go to ${about.url}, ${who}.`;
  $("dry").checked = !about.local;
  warn();
  $("of").value = about.local ? "function" : "ens";
  if (about.cloud) beginCloud();
  $("example").hidden = !about.local;
  $("example").addEventListener("click", fillExample);
}

begin().finally(() => { document.body.dataset.ready = "yes"; });
