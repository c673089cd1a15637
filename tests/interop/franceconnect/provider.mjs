// FranceConnect v2, played by the library the real one runs on (npm oidc-provider), and configured as the real one is.
//
// node provider.mjs CONFIGURATION.json: {port, client_id, client_secret, redirect_uris, post_logout_redirect_uris, citizens}
// A POST to /control?x-fault=one,two breaks it in these ways, and only these.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { decodeJwt, importJWK, SignJWT } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const PREFIX = '/api/v2';
const ORIGIN = `http://127.0.0.1:${settings.port}`;
const ISSUER = `${ORIGIN}${PREFIX}`;
const ALLOWED = new Set(['client_id', 'acr_values', 'claims', 'response_type', 'nonce', 'state', 'redirect_uri', 'scope',
  'prompt', 'idp_hint', 'ui_locales']);
const MANDATORY = ['client_id', 'redirect_uri', 'response_type', 'scope', 'acr_values', 'state', 'nonce'];
const PIVOT = ['given_name', 'given_name_array', 'family_name', 'birthdate', 'gender', 'birthplace', 'birthcountry'];
const CLAIMS = {
  openid: ['sub'],
  profile: ['given_name', 'given_name_array', 'family_name', 'birthdate', 'gender', 'preferred_username'],
  birth: ['birthplace', 'birthcountry'],
  identite_pivot: PIVOT,
  given_name: ['given_name', 'given_name_array'],
  family_name: ['family_name'],
  gender: ['gender'],
  birthdate: ['birthdate'],
  birthplace: ['birthplace'],
  birthcountry: ['birthcountry'],
  email: ['email'],
  preferred_username: ['preferred_username'],
  amr: null,
  acr: null,
  auth_time: null,
};

let faults = new Set();

// Keys ---------------------------------------------------------------------------------------------------------------
function ecKey(kid) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' };
}

function rsaKey(kid) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

const stranger = ecKey('stranger');
const before = [ecKey('before'), rsaKey('before-rsa')];
const after = [ecKey('after'), rsaKey('after-rsa')];

// People -------------------------------------------------------------------------------------------------------------
function findAccount(ctx, login) {
  const person = settings.citizens[login];
  if (!person) return undefined;
  return { accountId: login, claims: async () => ({ sub: login, ...person }) };
}

function pairwiseIdentifier(ctx, login, client) {
  const civilStatus = faults.has('new_sub') ? 'another' : 'the same';
  return `${createHash('sha256').update([client.clientId, login, civilStatus, 'secret'].join('\0')).digest('hex')}v1`;
}

// The provider -------------------------------------------------------------------------------------------------------
function makeProvider(keys) {
  const provider = new Provider(ISSUER, {
    clients: [{
      client_id: settings.client_id,
      client_secret: settings.client_secret,
      redirect_uris: settings.redirect_uris,
      post_logout_redirect_uris: settings.post_logout_redirect_uris,
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: settings.algorithm,
      userinfo_signed_response_alg: settings.algorithm,
      require_auth_time: true,
      subject_type: 'pairwise',
    }],
    jwks: { keys },
    cookies: { keys: ['nothing here is secret'] },
    scopes: ['openid'],
    claims: CLAIMS,
    acrValues: ['eidas1'],
    subjectTypes: ['pairwise'],
    pairwiseIdentifier,
    clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
    responseTypes: ['code'],
    pkce: { required: () => false },
    conformIdTokenClaims: true,
    findAccount,
    routes: {
      authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end',
      revocation: '/token/revocation',
    },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}`, policy: interactionPolicy.base() },
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      claimsParameter: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => { ctx.body = `<!doctype html><title>FranceConnect</title>${form}<button form="op.logoutForm" name="logout" value="yes">Se déconnecter</button>`; },
        postLogoutSuccessSource: (ctx) => { ctx.body = '<!doctype html><title>FranceConnect</title>Déconnecté'; },
      },
    },
    ttl: {
      AuthorizationCode: 30, AccessToken: 60, IdToken: 60, Interaction: 1800, Session: 1800, Grant: 1800,
    },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256', 'HS256'], userinfoSigningAlgValues: ['ES256', 'RS256', 'HS256'],
    },
    renderError: (ctx, out) => { ctx.type = 'html'; ctx.body = `<!doctype html><title>FranceConnect</title>${out.error}`; },
  });
  provider.use(asStrictAsFranceConnect);
  provider.use((ctx, next) => broken(ctx, next, keys));
  return provider;
}

// What FranceConnect checks before its library does: any other parameter, PKCE's included, is an error page.
async function asStrictAsFranceConnect(ctx, next) {
  if (ctx.path === '/authorize') {
    const given = ctx.query;
    const isWrong = Object.keys(given).some((name) => !ALLOWED.has(name))
      || MANDATORY.some((name) => !given[name])
      || String(given.nonce).length < 22
      || ('prompt' in given && !['login', 'consent', 'login consent'].includes(given.prompt));
    if (isWrong) {
      ctx.status = 400;
      ctx.type = 'html';
      ctx.body = '<!doctype html><title>FranceConnect</title>Y030007';
      return;
    }
  }
  await next();
}

async function broken(ctx, next, keys) {
  if (ctx.path === '/token' && faults.has('token_500')) {
    ctx.status = 500;
    ctx.body = { error: 'server_error' };
    return;
  }
  if (ctx.path === '/userinfo' && faults.has('userinfo_401')) {
    ctx.status = 401;
    ctx.body = { error: 'invalid_token', error_uri: `${ISSUER}/error` };
    return;
  }
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token) {
    ctx.body.id_token = await lied(ctx.body.id_token, keys, {
      wrong_nonce: { nonce: randomBytes(32).toString('base64url') },
      wrong_iss: { iss: `${ISSUER}/other` },
      wrong_aud: { aud: 'another-client' },
      expired: { iat: 1700000000, exp: 1700000060 },
      unknown_kid: {},
    });
  }
  if (ctx.path === '/userinfo' && typeof ctx.body === 'string') {
    ctx.body = await lied(ctx.body, keys, { other_sub: { sub: `${'0'.repeat(64)}v1` } });
  }
}

// The same token with what the faults change in it, signed again (by a key nobody publishes for "unknown_kid").
async function lied(token, keys, lies) {
  const told = Object.keys(lies).filter((name) => faults.has(name));
  if (told.length === 0) return token;
  const key = faults.has('unknown_kid') ? stranger : keys[0];
  const claims = Object.assign(decodeJwt(token), ...told.map((name) => lies[name]));
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
    .sign(await importJWK(key, 'ES256'));
}

// Both share their memory: the codes of one are redeemed by the other, as when keys are rotated.
const providers = { before: makeProvider(before), after: makeProvider(after) };
const provider = () => (faults.has('rotated') ? providers.after : providers.before);

// The pages of interaction -------------------------------------------------------------------------------------------
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function interaction(request, response) {
  const op = provider();
  const details = await op.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>FranceConnect</title><form method="post"><input name="login">
      <input name="password" type="password"><button>Continuer</button><button name="cancel" value="1">Annuler</button></form>`);
    return;
  }
  const typed = await bodyOf(request);
  const login = typed.get('login');
  if (typed.has('cancel') || !settings.citizens[login] || typed.get('password') !== '123') {
    await op.interactionFinished(request, response, { error: 'access_denied', error_description: 'User auth aborted' });
    return;
  }
  const grant = new op.Grant({ accountId: login, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  const consent = { grantId: await grant.save() };
  const proof = { accountId: login, acr: 'eidas1', amr: ['fc', 'pwd'], remember: false };
  await op.interactionFinished(request, response, { login: proof, consent });
}

createServer(async (request, response) => {
  const url = new URL(request.url, ORIGIN);
  try {
    if (url.pathname === '/control') {
      faults = new Set((url.searchParams.get('x-fault') ?? '').split(',').filter(Boolean));
      response.end('ok');
    } else if (faults.has('down')) {
      response.statusCode = 503;
      response.end();
    } else {
      if (faults.has('slow')) await new Promise((done) => { setTimeout(done, 10_000); });
      if (url.pathname.startsWith('/interaction/')) {
        await interaction(request, response);
      } else {
        // As behind FranceConnect's own prefix: the library finds it again in originalUrl.
        request.originalUrl = request.url;
        request.url = request.url.slice(PREFIX.length);
        provider().callback()(request, response);
      }
    }
  } catch (trouble) {
    response.statusCode = 500;
    response.end(String(trouble));
  }
}).listen(settings.port, '127.0.0.1', () => { console.log('listening'); });
