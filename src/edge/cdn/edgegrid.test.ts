import assert from 'node:assert/strict';
import test from 'node:test';
import { edgeGridAuthorization } from './edgegrid.ts';

// Keys, requests and signatures that Akamai publishes for whoever implements its algorithm.
const keys = {
  clientToken: 'akab-client-token-xxx-xxxxxxxxxxxxxxxx',
  clientSecret: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=',
  accessToken: 'akab-access-token-xxx-xxxxxxxxxxxxxxxx',
};
const host = 'https://akaa-baseurl-xxxxxxxxxxx-xxxxxxxxxxxxx.luna.akamaiapis.net';
const nowMs = Date.parse('2014-03-21T19:34:21Z');
const nonce = 'nonce-xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

const cases: [what: string, method: string, path: string, body: string, signature: string][] = [
  ['a simple request', 'GET', '/', '', 'tL+y4hxyHxgWVD30X3pWnGKHcPzmrIF+LThiAOhMxYU='],
  ['a query', 'GET', '/testapi/v1/t1?p1=1&p2=2', '', 'hKDH1UlnQySSHjvIcZpDMbQHihTQ0XyVAKZaApabdeA='],
  [
    'a body',
    'POST',
    '/testapi/v1/t3',
    'datadatadatadatadatadatadatadata',
    'hXm4iCxtpN22m4cbZb4lVLW5rhX8Ca82vCFqXzSTPe4=',
  ],
  ['an empty body', 'POST', '/testapi/v1/t6', '', '1gEDxeQGD5GovIkJJGcBaKnZ+VaPtrc4qBUHixjsPCQ='],
];

for (const [what, method, path, body, signature] of cases) {
  test(`the signature of ${what} is the one that Akamai publishes`, () => {
    assert.equal(
      edgeGridAuthorization(keys, { method, url: `${host}${path}`, body, nowMs, nonce }),
      `EG1-HMAC-SHA256 client_token=${keys.clientToken};access_token=${keys.accessToken};timestamp=20140321T19:34:21+0000;nonce=${nonce};signature=${signature}`,
    );
  });
}
