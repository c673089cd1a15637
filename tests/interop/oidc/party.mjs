// A service that signs people in with npm openid-client. node party.mjs CONFIGURATION.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const HERE = `http://127.0.0.1:${settings.port}`;
const proof = settings.key
  ? oidc.PrivateKeyJwt({ key: await crypto.subtle.importKey('jwk', settings.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']), kid: settings.key.kid })
  : oidc.ClientSecretPost(settings.secret);
const server = await oidc.discovery(
  new URL(settings.issuer), settings.client_id, { id_token_signed_response_alg: settings.algorithm }, proof,
  { execute: [oidc.allowInsecureRequests] },
);
const keys = createRemoteJWKSet(new URL(server.serverMetadata().jwks_uri));
// Who is here: the `sid` of each visit, which the cookie holds.
const visits = new Set();
let going = {};
let tokens;

const doors = {
  async '/enter'(url) {
    going = {
      verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce(),
      maxAge: url.searchParams.has('max_age') ? Number(url.searchParams.get('max_age')) : undefined,
    };
    return oidc.buildAuthorizationUrl(server, {
      redirect_uri: `${HERE}/back`, scope: settings.scope, state: going.state, nonce: going.nonce, ...settings.mode,
      code_challenge: await oidc.calculatePKCECodeChallenge(going.verifier), code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    });
  },
  async '/back'(url, request, response) {
    tokens = await oidc.authorizationCodeGrant(server, await came(url, request), {
      pkceCodeVerifier: going.verifier, expectedState: going.state, expectedNonce: going.nonce, maxAge: going.maxAge,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    visits.add(claims.sid);
    response.setHeader('Set-Cookie', `visit=${claims.sid}; HttpOnly`);
    return { claims, userinfo: await oidc.fetchUserInfo(server, tokens.access_token, claims.sub) };
  },
  async '/here'(url, request) { return { here: visits.has(/visit=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]) }; },
  async '/told'(url, request) {
    const token = new URLSearchParams(await body(request)).get('logout_token');
    const { payload } = await jwtVerify(token, keys, {
      issuer: settings.issuer, audience: settings.client_id, typ: 'logout+jwt', algorithms: [settings.algorithm],
      requiredClaims: ['iat', 'exp', 'jti', 'sub', 'sid'], maxTokenAge: '2 min',
    });
    if (!payload.events['http://schemas.openid.net/event/backchannel-logout'] || 'nonce' in payload) throw new Error('not a logout token');
    return { knew: visits.delete(payload.sid) };
  },
  async '/renew'() {
    const before = tokens.refresh_token;
    tokens = await oidc.refreshTokenGrant(server, before);
    return { renewed: tokens.refresh_token !== before, again: await fails(() => oidc.refreshTokenGrant(server, before)) };
  },
  async '/introspect'() { return oidc.tokenIntrospection(server, tokens.access_token); },
  async '/revoke'() {
    await oidc.tokenRevocation(server, tokens.access_token);
    return oidc.tokenIntrospection(server, tokens.access_token);
  },
  async '/out'() {
    return oidc.buildEndSessionUrl(server, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${HERE}/bye` });
  },
  async '/bye'() { return { bye: true }; },
};

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// By the address, or by a form that came from our identity provider (form_post).
async function came(url, request) {
  if (request.method !== 'POST') return url;
  return new Request(url, { method: 'POST', headers: { 'Content-Type': request.headers['content-type'] }, body: await body(request) });
}

async function fails(act) {
  try { await act(); return ''; } catch (trouble) { return trouble.error ?? trouble.message; }
}

createServer(async (request, response) => {
  const url = new URL(request.url, HERE);
  try {
    const answer = await doors[url.pathname](url, request, response);
    if (answer instanceof URL) response.writeHead(302, { Location: answer.href }).end();
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  } catch (trouble) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${trouble.error ?? trouble.code ?? ''} ${trouble}`);
  }
}).listen(settings.port, '127.0.0.1');
