// What ordinary code does with ali-oss. Prints what it saw as one JSON value.
'use strict';

const { Readable } = require('node:stream');
const { buffer } = require('node:stream/consumers');
const OSS = require('ali-oss');

const PART = 100 * 1024;
const big = Buffer.alloc(2 * PART + 1, 'ssh-rsa ');
const settings = {
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  stsToken: process.env.ALIBABA_CLOUD_SECURITY_TOKEN || undefined,
  refreshSTSTokenInterval: 3600 * 1000,
  bucket: process.env.OSS_BUCKET,
  region: 'oss-cn-hangzhou',
  authorizationV4: process.env.OSS_SIGNATURE === 'v4',
};
// With an address it puts the bucket into Host, as for the real OSS; with a name and sldEnable into
// the path. Only the second kind makes signed URLs.
const client = new OSS({ ...settings, endpoint: process.env.OSS_ENDPOINT });
const byName = new OSS({
  ...settings,
  endpoint: process.env.OSS_ENDPOINT.replace('127.0.0.1', 'localhost'),
  sldEnable: true,
});

async function oneObject(seen) {
  await client.put('keys/a b+中.pub', Buffer.from('ssh-rsa'), { meta: { who: 'alice' } });
  seen.read = (await client.get('keys/a b+中.pub')).content.toString();
  seen.part = (await client.get('keys/a b+中.pub', null, { headers: { Range: 'bytes=4-' } })).content.toString();
  seen.meta = (await client.head('keys/a b+中.pub')).meta;
  seen.length = (await client.getObjectMeta('keys/a b+中.pub')).res.headers['content-length'];
  await client.putStream('streamed', Readable.from([Buffer.from('in '), Buffer.from('chunks')]));
  seen.streamed = (await buffer((await client.getStream('streamed')).stream)).toString();
  await client.put('file', __filename);
  await client.copy('copy', 'keys/a b+中.pub');
  await client.putMeta('copy', { who: 'bob' });
  seen.copied = (await client.head('copy')).meta;
  await client.copy('typed', 'copy', { headers: { 'Content-Type': 'text/x' } });
  seen.type = (await client.head('typed')).res.headers['content-type'];
  seen.missing = await client.get('none').catch((error) => [error.status, error.code]);
}

async function listings(seen) {
  const first = await client.list({ 'max-keys': 2 });
  const second = await client.list({ 'max-keys': 1000, marker: first.nextMarker });
  seen.listed = [first, second].map((page) => page.objects.map((object) => object.name));
  seen.folders = (await client.list({ delimiter: '/' })).prefixes;
  const page = await client.listV2({ 'max-keys': 2 });
  const rest = await client.listV2({ 'continuation-token': page.nextContinuationToken });
  seen.listedV2 = [page, rest].map((each) => each.objects.map((object) => object.name));
  const gone = await client.deleteMulti(['copy', 'typed', 'file', 'streamed']);
  seen.deleted = gone.deleted.map((each) => each.Key);
  seen.quiet = (await client.deleteMulti(['none'], { quiet: true })).deleted;
}

async function multipart(seen) {
  await client.multipartUpload('big', big, { partSize: PART, parallel: 2 });
  seen.big = (await client.get('big')).content.equals(big);
  await client.multipartUploadCopy('big copy', { sourceKey: 'big', sourceBucketName: settings.bucket }, { partSize: PART });
  seen.bigCopy = (await client.get('big copy')).content.equals(big);
  const { uploadId } = await client.initMultipartUpload('given up');
  await client.uploadPart('given up', uploadId, 1, big, 0, PART);
  seen.parts = (await client.listParts('given up', uploadId)).parts.Size;
  seen.uploads = (await client.listUploads({ 'max-uploads': 10 })).uploads.map((each) => each.name);
  await client.abortMultipartUpload('given up', uploadId);
  seen.uploadsLeft = (await client.listUploads({ 'max-uploads': 10 })).uploads;
}

async function urls(seen) {
  const [put, get] = settings.authorizationV4
    ? [await byName.signatureUrlV4('PUT', 60, {}, 'signed'), await byName.signatureUrlV4('GET', 60, {}, 'signed')]
    : [byName.signatureUrl('signed', { method: 'PUT' }), byName.signatureUrl('signed', { response: { 'content-type': 'text/x' } })];
  // A string as the body would bring a Content-Type that is not signed.
  seen.putByUrl = (await fetch(put, { method: 'PUT', body: Buffer.from('by URL') })).status;
  const answer = await fetch(get);
  seen.getByUrl = [await answer.text(), answer.headers.get('content-type')];
}

async function buckets(seen) {
  seen.grant = (await client.getBucketInfo(settings.bucket)).bucket.AccessControlList.Grant;
  await client.putBucket('made-by-node');
  seen.buckets = (await byName.listBuckets({ prefix: 'made' })).buckets.map((each) => each.name);
}

async function main() {
  const seen = {};
  for (const step of [oneObject, listings, multipart, urls, buckets]) {
    await step(seen);
  }
  return seen;
}

main().then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
