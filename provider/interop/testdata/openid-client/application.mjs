// An application that uses openid-client. What it is to be, and each person's answer, come as lines of JSON on stdin;
// where it sends a person is a line on stdout.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const hear = async () => {
  const { value, done } = await lines.next()
  if (done) throw new Error('nobody is there any more')
  return JSON.parse(value)
}

// given is the registration: issuer, client_id, client_secret, key (a private JWK), redirect_uri, and what a person's data will be.
export const given = await hear()

// key is the client's own, as the library takes it. It tells the algorithm by the key.
export const key = {
  key: await crypto.subtle.importKey('jwk', given.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
  kid: given.key.kid,
}

// discover finds the provider. Over http, which the library wants to be told, because all of this is on loopback.
export const discover = (authentication, { metadata = {}, execute = [] } = {}) =>
  client.discovery(new URL(given.issuer), given.client_id, metadata, authentication, {
    execute: [client.allowInsecureRequests, ...execute],
  })

// browse sends a person somewhere, and is what that person's browser brings back to the application.
export const browse = async (url) => {
  console.log(url.href)
  const { to, form } = await hear()
  return form ? new Request(to, { method: 'POST', body: new URLSearchParams(form) }) : new URL(to)
}

// login goes the whole way of a code. The library checks state, nonce, iss, the ID token, at_hash and c_hash.
export const login = async (config, { parameters = {}, build = client.buildAuthorizationUrl, DPoP } = {}) => {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  }
  const url = await build(config, {
    redirect_uri: given.redirect_uri,
    scope: 'openid profile email',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  }, { DPoP })
  const response = await browse(url)
  assert.equal(response instanceof Request, parameters.response_mode === 'form_post')
  return client.authorizationCodeGrant(config, response, checks, undefined, { DPoP })
}

// person is whom the access token speaks of. The library checks that it is the subject of the ID token.
export const person = (config, tokens, options) =>
  client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, options)
