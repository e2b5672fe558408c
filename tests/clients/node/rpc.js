// ENS by the generic clients for Node: openapi-core (ACS3; query, form) and pop-core (RPC V1).
'use strict';

const { default: Client, $OpenApiUtil } = require('@alicloud/openapi-core');
const { RuntimeOptions } = require('@darabonba/typescript');
const { RPCClient } = require('@alicloud/pop-core');

const key = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  securityToken: process.env.ALIBABA_CLOUD_SECURITY_TOKEN,
};
const client = new Client(
  new $OpenApiUtil.Config({
    ...key,
    endpoint: process.env.ENS_ENDPOINT.replace('http://', ''),
    protocol: 'HTTP',
  }),
);

async function byOpenApi(reqBodyType, request) {
  const params = new $OpenApiUtil.Params({
    action: 'CreateKeyPair',
    version: '2017-11-10',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType,
    bodyType: 'json',
  });
  const sent = new $OpenApiUtil.OpenApiRequest(request);
  return (await client.callApi(params, sent, new RuntimeOptions({}))).body.KeyPairName;
}

async function main() {
  const old = new RPCClient({ ...key, endpoint: process.env.ENS_ENDPOINT, apiVersion: '2017-11-10' });
  const seen = {
    query: await byOpenApi('formData', { query: { KeyPairName: 'by-query' } }),
    form: await byOpenApi('formData', { body: { KeyPairName: 'by-form' } }),
  };
  for (const method of ['GET', 'POST']) {
    const name = { KeyPairName: `by-pop-${method}` };
    seen[method] = (await old.request('CreateKeyPair', name, { method })).KeyPairName;
  }
  console.log(JSON.stringify(seen));
}

main().then(
  () => process.exit(0), // the SDK's time-outs would keep it alive until they are over
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
