// A service that signs people in with npm @node-saml/node-saml, configured as the SNU's. node party.mjs CONFIGURATION.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { inflateRawSync } from 'node:zlib';

import { SAML } from '@node-saml/node-saml';
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const HERE = `http://127.0.0.1:${settings.port}`;
const saml = new SAML({
  callbackUrl: `${HERE}/acs`, entryPoint: settings.entry, issuer: `${HERE}/sp`, audience: `${HERE}/sp`,
  logoutUrl: settings.exit, logoutCallbackUrl: `${HERE}/slo`,
  idpCert: settings.certificates, idpIssuer: settings.idp,
  privateKey: settings.key, publicCert: settings.certificate, decryptionPvk: settings.key,
  wantAssertionsSigned: true, wantAuthnResponseSigned: true, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256',
  identifierFormat: null, disableRequestedAuthnContext: true, validateInResponseTo: 'ifPresent', acceptedClockSkewMs: 0,
});

// Who is here: what the assertion said, by its SessionIndex, which the cookie holds.
const visits = new Map();

async function answer(request, url, response) {
  if (url.pathname === '/metadata') return saml.generateServiceProviderMetadata(settings.certificate, settings.certificate);
  if (url.pathname === '/enter') return new URL(await saml.getAuthorizeUrlAsync('retour', undefined, {}));
  const cookie = /visit=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (url.pathname === '/here') return visits.has(cookie) ? 'somebody' : 'nobody';
  if (url.pathname === '/leave') return new URL(await saml.getLogoutUrlAsync(visits.get(cookie), 'adieu', {}));
  const sent = await body(request);
  const typed = Object.fromEntries(new URLSearchParams(sent));
  if (url.pathname === '/acs') {
    const { profile } = await saml.validatePostResponseAsync(typed);
    visits.set(profile.sessionIndex, profile);
    response.setHeader('Set-Cookie', `visit=${profile.sessionIndex}; HttpOnly`);
    return JSON.stringify({ attributes: profile.attributes, issuer: profile.issuer, relay_state: typed.RelayState });
  }
  if (url.pathname === '/slo' && typed.SAMLRequest) {
    const { profile } = await saml.validatePostRequestAsync(typed);
    const knew = visits.delete(profile.sessionIndex);
    return new URL(await saml.getLogoutResponseUrlAsync(profile, typed.RelayState, {}, knew));
  }
  if (url.pathname === '/slo') {
    const { loggedOut } = await saml.validatePostResponseAsync(typed);
    if (loggedOut) visits.delete(cookie);
    return JSON.stringify({ left: loggedOut, relay_state: typed.RelayState });
  }
  if (url.pathname === '/slo/soap') return overSoap(sent);
  return 'nothing here';
}

// node-saml knows no SOAP: the envelope is this application's, what is inside is read and answered by the library.
async function overSoap(sent) {
  const asked = new DOMParser().parseFromString(sent, 'text/xml').getElementsByTagNameNS('*', 'LogoutRequest')[0];
  const encoded = Buffer.from(new XMLSerializer().serializeToString(asked)).toString('base64');
  const { profile } = await saml.validatePostRequestAsync({ SAMLRequest: encoded });
  const knew = visits.delete(profile.sessionIndex);
  const told = new URL(await saml.getLogoutResponseUrlAsync(profile, '', {}, knew)).searchParams.get('SAMLResponse');
  const message = inflateRawSync(Buffer.from(told, 'base64')).toString().replace(/^<\?xml[^>]*>/, '');
  return `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${message}</S:Body></S:Envelope>`;
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

createServer(async (request, response) => {
  try {
    const said = await answer(request, new URL(request.url, HERE), response);
    if (said instanceof URL) response.writeHead(302, { Location: said.href }).end();
    else response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end(said);
  } catch (trouble) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(trouble));
  }
}).listen(settings.port, '127.0.0.1');
