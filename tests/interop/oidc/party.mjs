// A service that signs people in with npm openid-client. node party.mjs CONFIGURATION.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import * as oidc from 'openid-client';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const HERE = `http://127.0.0.1:${settings.port}`;
const server = await oidc.discovery(
  new URL(settings.issuer), settings.client_id, { client_secret: settings.secret, id_token_signed_response_alg: settings.algorithm },
  oidc.ClientSecretPost(settings.secret), { execute: [oidc.allowInsecureRequests] },
);
let going = {};
let tokens;

const doors = {
  async '/enter'(url) {
    going = {
      verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce(),
      maxAge: url.searchParams.has('max_age') ? Number(url.searchParams.get('max_age')) : undefined,
    };
    return oidc.buildAuthorizationUrl(server, {
      redirect_uri: `${HERE}/back`, scope: settings.scope, state: going.state, nonce: going.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(going.verifier), code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    });
  },
  async '/back'(url) {
    tokens = await oidc.authorizationCodeGrant(server, url, {
      pkceCodeVerifier: going.verifier, expectedState: going.state, expectedNonce: going.nonce, maxAge: going.maxAge,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    return { claims, userinfo: await oidc.fetchUserInfo(server, tokens.access_token, claims.sub) };
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

async function fails(act) {
  try { await act(); return ''; } catch (trouble) { return trouble.error ?? trouble.message; }
}

createServer(async (request, response) => {
  const url = new URL(request.url, HERE);
  try {
    const answer = await doors[url.pathname](url);
    if (answer instanceof URL) response.writeHead(302, { Location: answer.href }).end();
    else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  } catch (trouble) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${trouble.error ?? trouble.code ?? ''} ${trouble}`);
  }
}).listen(settings.port, '127.0.0.1');
