// usage: node server.js FOLDER BUCKET...
//
// s3rver on a free port of the loopback interface; it prints its address. What real S3 has and s3rver lacks is added here: uploads in parts can be listed, continued and
// aborted, a PUT may ask that there be no such object, and an object appears, is replaced and goes in one moment. Below a folder named contended the first such PUT of each
// key meets another write of it, as real S3 may say of any.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs/promises');
const path = require('node:path');
const S3rver = require('@20minutes/s3rver');
const authentication = require('@20minutes/s3rver/lib/middleware/authentication')();
const S3Error = require('@20minutes/s3rver/lib/models/error');
const S3Object = require('@20minutes/s3rver/lib/models/object');

// Of the headers of a PUT s3rver keeps those of this list.
S3Object.ALLOWED_METADATA.push('if-none-match');

// What was signed is the path as it was sent; s3rver puts it together again, without the slash after a bucket.
const v4 = require('@20minutes/s3rver/lib/signature/v4');
const { getStringToSign } = v4;
v4.getStringToSign = (request, ...rest) => getStringToSign({ ...request, uri: request.headers['sent-path'] }, ...rest);

// Tokens of long lists are enciphered with DES, which OpenSSL 3 no longer has.
for (const name of ['createCipheriv', 'createDecipheriv']) {
  const real = crypto[name];
  crypto[name] = (cipher, key, iv, ...rest) => (cipher === 'des' ? real('aes-128-cbc', Buffer.concat([key, key]), Buffer.concat([iv, iv])) : real(cipher, key, iv, ...rest));
}

const [folder, ...buckets] = process.argv.slice(2);
const aside = `${path.resolve(folder)}.aside`;
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  vhostBuckets: false,
  directory: path.resolve(folder),
  configureBuckets: buckets.map((name) => ({ name })),
});
const { store } = server;

function queue() {
  let last = Promise.resolve();
  return (action) => {
    const turn = last.then(action, action);
    last = turn.catch(() => {});
    return turn;
  };
}

// One thing at a time looks at or changes the folder, and one at a time the uploads in parts: whoever sends a part of one that has ended, or ends it again, finds none.
const alone = queue();
const aloneWithUploads = queue();

for (const name of ['deleteObject', 'existsObject', 'getObject', 'listObjects']) {
  const inner = store[name].bind(store);
  store[name] = (...args) => alone(() => inner(...args));
}

const contended = new Set();

function meetAnother({ bucket, key }) {
  if (/(^|\/)contended\//.test(key) && !contended.has(`${bucket}/${key}`)) {
    contended.add(`${bucket}/${key}`);
    const conflict = new S3Error('ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation against this resource.');
    throw Object.assign(conflict, { status: 409, expose: true });
  }
}

store.putObject = async (object) => {
  const { 'if-none-match': condition, ...metadata } = object.metadata;
  const temporary = path.join(aside, crypto.randomUUID());
  const [size, md5] = await store.putContent(temporary, object.content);
  await alone(async () => {
    const target = store.getResourcePath(object.bucket, object.key, 'object');
    if (condition === '*') {
      meetAnother(object);
      if (await exists(target)) {
        throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
      }
    }

    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.rename(temporary, target);
    await store.putMetadata(object.bucket, object.key, metadata, md5);
  });
  return { size, md5 };
};

const exists = (file) => fs.stat(file).then(() => true, () => false);
const uploadsOf = (bucket) => store.getResourcePath(bucket, undefined, 'uploads');

async function requireUpload(bucket, id) {
  const place = path.join(uploadsOf(bucket), path.basename(id));
  if (!(await exists(place))) {
    throw new S3Error('NoSuchUpload', 'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.');
  }

  return place;
}

store.putPart = async (bucket, id, number, content) => {
  await requireUpload(bucket, id);
  const temporary = path.join(aside, crypto.randomUUID());
  const [size, md5] = await store.putContent(temporary, content);
  await aloneWithUploads(async () => {
    const place = await requireUpload(bucket, id);
    await fs.rename(temporary, path.join(place, `${number}`));
    await fs.writeFile(path.join(place, `${number}.md5`), md5);
  });
  return { size, md5 };
};

const complete = store.putObjectMultipart.bind(store);
store.putObjectMultipart = (bucket, id, parts) => aloneWithUploads(async () => {
  const place = await requireUpload(bucket, id);
  for (const { number, etag } of parts) {
    const found = await fs.readFile(path.join(place, `${number}.md5`), 'utf8').catch(() => '');
    if (found !== etag) {
      throw new S3Error('InvalidPart', 'One or more of the specified parts could not be found.');
    }
  }

  return complete(bucket, id, parts);
});

async function listUploads(ctx, bucket) {
  const prefix = ctx.query.prefix || '';
  const ids = await fs.readdir(uploadsOf(bucket)).catch(() => []);
  const uploads = [];
  for (const id of ids) {
    const key = await fs.readFile(path.join(uploadsOf(bucket), id, 'key'), 'utf8').catch(() => undefined);
    if (key?.startsWith(prefix)) {
      const { mtime } = await fs.stat(path.join(uploadsOf(bucket), id, 'key'));
      uploads.push({ Key: key, UploadId: id, Initiated: mtime.toISOString(), StorageClass: 'STANDARD' });
    }
  }

  ctx.body = { ListMultipartUploadsResult: { Bucket: bucket, Prefix: prefix, IsTruncated: false, MaxUploads: 1000, Upload: uploads } };
}

async function listParts(ctx, bucket, key, id) {
  const place = await requireUpload(bucket, id);
  const numbers = (await fs.readdir(place)).filter((name) => name.endsWith('.md5')).map((name) => Number(name.slice(0, -4))).sort((a, b) => a - b);
  const after = numbers.filter((number) => number > Number(ctx.query['part-number-marker'] || 0));
  const most = Number(ctx.query['max-parts'] || 1000);
  const parts = [];
  for (const number of after.slice(0, most)) {
    const { size, mtime } = await fs.stat(path.join(place, `${number}`));
    parts.push({ PartNumber: number, LastModified: mtime.toISOString(), ETag: JSON.stringify(await fs.readFile(path.join(place, `${number}.md5`), 'utf8')), Size: size });
  }

  ctx.body = {
    ListPartsResult: {
      Bucket: bucket, Key: key, UploadId: id, PartNumberMarker: ctx.query['part-number-marker'] || 0,
      NextPartNumberMarker: parts.at(-1)?.PartNumber ?? 0, MaxParts: most, IsTruncated: after.length > most, Part: parts,
    },
  };
}

async function operations(ctx, next) {
  [ctx.headers['sent-path']] = ctx.req.url.split('?');
  const [, bucket, ...rest] = decodeURIComponent(ctx.path).split('/');
  const key = rest.join('/');
  const action = ctx.method === 'GET' && !key && 'uploads' in ctx.query ? () => aloneWithUploads(() => listUploads(ctx, bucket))
    : ctx.method === 'GET' && key && 'uploadId' in ctx.query ? () => aloneWithUploads(() => listParts(ctx, bucket, key, ctx.query.uploadId))
      : ctx.method === 'DELETE' && key && 'uploadId' in ctx.query ? async () => {
        await aloneWithUploads(async () => fs.rm(await requireUpload(bucket, ctx.query.uploadId), { recursive: true }));
        ctx.status = 204;
      }
        : undefined;
  if (!action) {
    return next();
  }

  ctx.params = { bucket, key: key || undefined };
  if (!(await store.getBucket(bucket))) {
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
  }

  return authentication(ctx, action);
}

// Before the router, which is last and has no such routes.
server.middleware.splice(server.middleware.length - 1, 0, operations);

fs.mkdir(aside, { recursive: true })
  .then(() => server.run())
  .then(({ address, port }) => console.log(`http://${address}:${port}`));

// Whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume();
