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

const askJson = async (path, content) => (await ask(path, content)).json();

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
  /BEGIN[\s\w]{0,40}PRIVATE[\s+]KEY/i,
  /PuTTY-User-Key-File|Private-Lines:/,
  /b3BlbnNzaC1rZXktdjE/, // openssh-key-v1
  /MII[A-Za-z0-9+/_-]{3}IBA(AKCA|DANBgkqhkiG9w0BA)/, // an RSA private key: PKCS #1, PKCS #8
  /BgkqhkiG9w0BBQ/, // encrypted: PKCS #5
  /AGE-SECRET-KEY-1/,
  /<RSAKeyValue>[^]*<(D|P|DP)>/,
  /"kty"[^]*"d"\s*:|"d"\s*:[^]*"kty"/,
];

// Whether a text holds a private key, also one that was percent-encoded, escaped, or base64 once more.
function holdsPrivateKey(text, depth = 0) {
  const joined = text.replace(/\\[nrt]|%0[ad]|%20|\s/gi, " ").replace(/\\"/g, '"');
  if (PRIVATE.some((pattern) => pattern.test(text) || pattern.test(joined) || pattern.test(joined.replaceAll(" ", "")))) return true;
  if (depth > 2) return false;
  const inside = /LS0tL[A-Za-z0-9+/=\s]{20,}/.exec(text); // "----"
  if (!inside) return false;
  try {
    return holdsPrivateKey(atob(inside[0].replace(/\s/g, "").slice(0, 400).replace(/=+$/, "").replace(/^(([^]{4})*)[^]{0,3}$/, "$1")), depth + 1);
  } catch {
    return false;
  }
}

// ---------------------------------------------------------------- the fields

class Field {
  constructor(id) {
    this.input = $(id);
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
    tellPrivateKey("It was not sent, and nothing of it is kept.");
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

function tellPrivateKey(sentence) {
  $("said").replaceChildren(
    box("bad", "This is a private key.",
      el("p", {}, sentence + " Send the file that ends in .pub."),
      el("p", {}, "A private key that was pasted somewhere counts as known to others. Make a new pair.")));
}

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
    $("said").replaceChildren(box("bad", error.message));
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
    tellPrivateKey("The function refused it. The fields were emptied, and nothing is kept here.");
    return [...$("said").childNodes];
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
  return el("details", {}, el("summary", {}, `HTTP ${answer.status}, ${answer.milliseconds} ms`),
    el("pre", { className: "wraps", tabIndex: 0 }, Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\n`).join("")
      + "\n" + (isJson ? JSON.stringify(body, null, 2) : answer.body)));
}

function remember(parameters, status, outcome, milliseconds, requestId) {
  $("past").hidden = false;
  const cells = [new Date().toLocaleTimeString(), parameters.KeyPairName.slice(0, 128), status, outcome + (parameters.DryRun ? " (dry run)" : ""), milliseconds, requestId];
  $("calls").prepend(el("tr", {}, cells.map((cell) => el("td", {}, String(cell)))));
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

// ---------------------------------------------------------------- beginning

async function begin() {
  for (const id of ["name", "key"]) fields[id] = new Field(id);
  acceptFiles(fields.key);
  tabs($("parts"));
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
  $("where").textContent = `Calls go to ${about.url}`;
  $("dry").checked = !about.local;
  warn();
}

begin().finally(() => { document.body.dataset.ready = "yes"; });
