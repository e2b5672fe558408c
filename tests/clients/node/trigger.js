// A request to an HTTP trigger (authType: function), signed as Function Compute's manual shows it for Node.
'use strict';

const http = require('http');
const { default: OpenApiUtil } = require('@alicloud/openapi-util');

function send(signed, body) {
  const url = new URL(process.env.URL);
  const headers = { 'x-acs-date': new Date().toISOString().replace(/\.\d+Z$/, 'Z') };
  headers['x-acs-security-token'] = process.env.ALIBABA_CLOUD_SECURITY_TOKEN;
  const request = {
    method: 'POST',
    pathname: url.pathname.replace(/\$/g, '%24'),
    query: Object.fromEntries(new URLSearchParams(signed)),
    headers,
  };
  headers.authorization = OpenApiUtil.getAuthorization(
    request,
    'ACS3-HMAC-SHA256',
    '',
    process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  );
  url.search = process.env.QUERY;
  return new Promise((resolve, reject) => {
    const call = http.request(url, { method: 'POST', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function main() {
  const accepted = await send(process.env.QUERY, process.env.BODY);
  const refused = await send(`${process.env.QUERY}x`, process.env.BODY);
  console.log(JSON.stringify({ accepted, refused }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
