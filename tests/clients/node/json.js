// A generic ROA call with a JSON body by @alicloud/openapi-core: Function Compute's API, without its SDK.
'use strict';

const { default: Client, $OpenApiUtil } = require('@alicloud/openapi-core');
const { RuntimeOptions } = require('@darabonba/typescript');

const client = new Client(
  new $OpenApiUtil.Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: process.env.FC_ENDPOINT.replace('http://', ''),
    protocol: 'HTTP',
  }),
);

async function call(action, method, pathname, body) {
  const params = new $OpenApiUtil.Params({
    action,
    version: '2023-03-30',
    protocol: 'HTTP',
    pathname,
    method,
    authType: 'AK',
    style: 'FC',
    reqBodyType: 'json',
    bodyType: 'json',
  });
  const request = new $OpenApiUtil.OpenApiRequest({ body });
  return (await client.callApi(params, request, new RuntimeOptions({}))).body;
}

async function main() {
  const created = await call('CreateFunction', 'POST', '/2023-03-30/functions', {
    functionName: 'echo',
    description: process.env.DESCRIPTION,
    runtime: 'python3.12',
    handler: 'main.handler',
    code: { zipFile: process.env.CODE },
  });
  const changed = await call('UpdateFunction', 'PUT', '/2023-03-30/functions/echo', { timeout: 9 });
  const refused = await call('UpdateFunction', 'PUT', '/2023-03-30/functions/echo', { timeout: 'x' }).catch(
    (error) => error.code,
  );
  console.log(JSON.stringify({ description: created.description, timeout: changed.timeout, refused }));
}

main().then(
  () => process.exit(0), // the SDK's time-outs would keep it alive until they are over
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
