// A service that signs people in with npm @node-saml/node-saml, configured as the SNU's. node party.mjs CONFIGURATION.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { SAML } from '@node-saml/node-saml';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const HERE = `http://127.0.0.1:${settings.port}`;
const saml = new SAML({
  callbackUrl: `${HERE}/acs`, entryPoint: settings.entry, issuer: `${HERE}/sp`, audience: `${HERE}/sp`,
  idpCert: settings.certificates, idpIssuer: settings.idp,
  privateKey: settings.key, publicCert: settings.certificate, decryptionPvk: settings.key,
  wantAssertionsSigned: true, wantAuthnResponseSigned: true, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256',
  identifierFormat: null, disableRequestedAuthnContext: true, validateInResponseTo: 'ifPresent', acceptedClockSkewMs: 0,
});

async function answer(request, url) {
  if (url.pathname === '/metadata') return saml.generateServiceProviderMetadata(settings.certificate, settings.certificate);
  if (url.pathname === '/enter') return new URL(await saml.getAuthorizeUrlAsync('retour', undefined, {}));
  if (url.pathname === '/acs') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const typed = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const { profile } = await saml.validatePostResponseAsync(typed);
    return JSON.stringify({ attributes: profile.attributes, issuer: profile.issuer, relay_state: typed.RelayState });
  }
  return 'nothing here';
}

createServer(async (request, response) => {
  try {
    const said = await answer(request, new URL(request.url, HERE));
    if (said instanceof URL) response.writeHead(302, { Location: said.href }).end();
    else response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end(said);
  } catch (trouble) {
    response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(trouble));
  }
}).listen(settings.port, '127.0.0.1');
