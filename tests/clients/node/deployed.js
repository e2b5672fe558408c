// The life of the real function by the official SDK of Function Compute. Prints what it saw as JSON.
'use strict';

const { default: Client, ...models } = require('@alicloud/fc20230330');
const { Config } = require('@alicloud/openapi-core').$OpenApiUtil;
const { RuntimeOptions } = require('@darabonba/typescript');
const { buffer } = require('node:stream/consumers');
const { Readable } = require('node:stream');

const NAME = 'ens-key-import';
const [SYNC, ASYNC, AFTER] = JSON.parse(process.env.EVENTS);
const client = new Client(
  new Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.FC_ENDPOINT.replace('http://', ''),
    protocol: 'HTTP',
    connectTimeout: 60000,
    readTimeout: 60000,
  }),
);

async function invoke(event, headers) {
  const request = new models.InvokeFunctionRequest({
    body: Readable.from(Buffer.from(event)),
    qualifier: 'LATEST',
  });
  const told = new models.InvokeFunctionHeaders(headers);
  return client.invokeFunctionWithOptions(NAME, request, told, new RuntimeOptions({ connectTimeout: 60000, readTimeout: 60000 }));
}

async function fingerprint(event) {
  const answer = await invoke(event, {});
  return JSON.parse((await buffer(answer.body)).toString()).KeyPairFingerPrint;
}

// Waits until what was invoked asynchronously has come to its end.
async function drain() {
  const headers = { 'Content-Type': 'application/json' };
  const url = `${process.env.STATE_URL}/async-invocations/drain`;
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
  if (!answer.ok) throw new Error(await answer.text());
}

function look() {
  return client
    .getFunction(NAME, new models.GetFunctionRequest({}))
    .then((got) => got.body.state, (error) => error.code);
}

async function main() {
  const seen = { before: await look() };
  const code = new models.InputCodeLocation({
    ossBucketName: 'temp-bucket',
    ossObjectName: process.env.CODE_OBJECT,
  });
  const created = new models.CreateFunctionInput({
    functionName: NAME,
    runtime: process.env.RUNTIME,
    handler: 'handler.handler',
    timeout: 30,
    role: process.env.ROLE,
    code,
  });
  await client.createFunction(new models.CreateFunctionRequest({ body: created }));
  const trigger = new models.CreateTriggerInput({
    triggerName: 'http',
    triggerType: 'http',
    triggerConfig: JSON.stringify({ authType: 'anonymous', methods: ['POST'] }),
  });
  await client.createTrigger(NAME, new models.CreateTriggerRequest({ body: trigger }));
  seen.sync = await fingerprint(SYNC);
  seen.async = (await invoke(ASYNC, { xFcInvocationType: 'Async' })).statusCode;
  await client.updateFunction(
    NAME,
    new models.UpdateFunctionRequest({ body: new models.UpdateFunctionInput({ code }) }),
  );
  seen.updated = await fingerprint(AFTER);
  const listed = await client.listTriggers(NAME, new models.ListTriggersRequest({}));
  seen.triggers = listed.body.triggers.map((each) => each.triggerName);
  await drain();
  await client.deleteTrigger(NAME, 'http');
  await client.deleteFunction(NAME);
  seen.removed = await look();
  console.log(JSON.stringify(seen));
}

main().then(
  () => process.exit(0), // the SDK's time-outs would keep it alive until they are over
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
