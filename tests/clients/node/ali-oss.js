// The ordinary life of an object with ali-oss. Prints what it saw as one JSON value.
'use strict';

const OSS = require('ali-oss');

const client = new OSS({
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  bucket: process.env.OSS_BUCKET,
  region: 'oss-cn-hangzhou',
  endpoint: process.env.OSS_ENDPOINT,
  authorizationV4: true,
});

async function main() {
  const seen = {};
  await client.put('keys/alice.pub', Buffer.from('ssh-rsa AAAA'));
  seen.read = (await client.get('keys/alice.pub')).content.toString();
  return seen;
}

main().then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
