// The life of a function by the official SDK of Function Compute. Prints what it saw as JSON.
'use strict';

const { default: Client, ...models } = require('@alicloud/fc20230330');
const { Config } = require('@alicloud/openapi-core').$OpenApiUtil;
const { RuntimeOptions } = require('@darabonba/typescript');
const { buffer } = require('node:stream/consumers');
const { Readable } = require('node:stream');

const client = new Client(
  new Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.FC_ENDPOINT.replace('http://', ''),
    protocol: 'HTTP',
  }),
);

async function invoke(headers) {
  const request = new models.InvokeFunctionRequest({
    body: Readable.from(Buffer.from('event')),
    qualifier: 'LATEST',
  });
  const told = new models.InvokeFunctionHeaders(headers);
  return client.invokeFunctionWithOptions('echo', request, told, new RuntimeOptions({}));
}

async function main() {
  const seen = {};
  const code = new models.InputCodeLocation({ zipFile: process.env.CODE });
  await client.createFunction(
    new models.CreateFunctionRequest({
      body: new models.CreateFunctionInput({
        functionName: 'echo',
        runtime: 'python3.12',
        handler: 'main.handler',
        code,
      }),
    }),
  );
  seen.answer = (await buffer((await invoke({})).body)).toString();
  seen.accepted = (await invoke({ xFcInvocationType: 'Async' })).statusCode;
  const changed = new models.UpdateFunctionInput({ timeout: 9 });
  await client.updateFunction('echo', new models.UpdateFunctionRequest({ body: changed }));
  const got = await client.getFunction('echo', new models.GetFunctionRequest({}));
  seen.timeout = got.body.timeout;
  await client.deleteFunction('echo');
  seen.gone = await invoke({}).catch((error) => error.code);
  console.log(JSON.stringify(seen));
}

main().then(
  () => process.exit(0), // the SDK's time-outs would keep it alive until they are over
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
