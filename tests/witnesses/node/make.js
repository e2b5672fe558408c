// Make keys with Node's crypto module, and write each in every form that it and sshpk have.

"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const sshpk = require("sshpk");

const PEM = { type: "pkcs8", format: "pem" };
const PASSWORD = process.argv[2];
const KEYS = {
  rsa: ["rsa", { modulusLength: 2048 }],
  dsa: ["dsa", { modulusLength: 1024, divisorLength: 160 }],
  ecdsa: ["ec", { namedCurve: "P-256" }],
  ed25519: ["ed25519", {}],
};
const PRIVATE = ["pem", "pkcs1", "pkcs8", "openssh", "rfc4253", "dnssec", "putty"];
const PUBLIC = ["pem", "pkcs1", "pkcs8", "ssh", "rfc4253", "putty"];

for (const [name, [type, options]] of Object.entries(KEYS)) {
  const made = crypto.generateKeyPairSync(type, options);
  const key = sshpk.parsePrivateKey(made.privateKey.export(PEM), "pem");
  key.comment = "alice";
  for (const form of PRIVATE) {
    write(`${name}.${form}`, () => key.toBuffer(form));
  }
  const locked = { passphrase: PASSWORD, cipher: "aes256-ctr" };
  write(`${name}.encrypted.openssh`, () => key.toBuffer("openssh", locked));
  for (const form of PUBLIC) {
    write(`${name}.public.${form}`, () => key.toPublic().toBuffer(form));
  }
  write(`${name}.jwk`, () => JSON.stringify(made.privateKey.export({ format: "jwk" })));
  write(`${name}.public.jwk`, () => JSON.stringify(made.publicKey.export({ format: "jwk" })));
}

/** Write a file, if there is such a form of such a key: the table of rows says which there are. */
function write(file, content) {
  let written;
  try {
    written = content();
  } catch {
    return;
  }
  fs.writeFileSync(file, written);
}
