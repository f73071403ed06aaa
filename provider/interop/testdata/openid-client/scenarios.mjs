// Each scenario is one way to use the provider; the test names it. Whatever goes wrong is an exception.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import * as client from 'openid-client'
import { browse, discover, given, key, login, person } from './application.mjs'

const secret = () => client.ClientSecretBasic(given.client_secret)

// greeted: the login has told who the person is.
const greeted = async (config, tokens, options) => {
  const { email } = await person(config, tokens, options)
  assert.equal(email, given.email)
}

const scenarios = {
  // OpenID Connect Core §3.1, RFC 7636
  async code() {
    const config = await discover(secret())
    const tokens = await login(config)
    assert.equal(tokens.token_type, 'bearer')
    await greeted(config, tokens)
  },

  // OpenID Connect Core §9
  async client_secret_post() {
    const config = await discover(client.ClientSecretPost(given.client_secret))
    await greeted(config, await login(config))
  },

  // RFC 6749 §2.1: a public client has PKCE alone
  async none() {
    const config = await discover(client.None())
    await greeted(config, await login(config))
  },

  // OAuth 2.0 Form Post Response Mode
  async form_post() {
    const config = await discover(secret())
    await greeted(config, await login(config, { parameters: { response_mode: 'form_post' } }))
  },

  // OpenID Connect Core §9, RFC 7523
  async private_key_jwt() {
    const config = await discover(client.PrivateKeyJwt(key))
    await greeted(config, await login(config))
  },

  // RFC 9126
  async pushed() {
    const config = await discover(secret())
    await greeted(config, await login(config, { build: client.buildAuthorizationUrlWithPAR }))
  },

  // RFC 9101
  async signed_request() {
    const config = await discover(secret())
    const build = (config, parameters) => client.buildAuthorizationUrlWithJAR(config, parameters, key)
    await greeted(config, await login(config, { build }))
  },

  // RFC 9126 §3: a signed request, pushed
  async pushed_signed_request() {
    const config = await discover(client.PrivateKeyJwt(key))
    const build = async (config, parameters) => {
      const { searchParams } = await client.buildAuthorizationUrlWithJAR(config, parameters, key)
      return client.buildAuthorizationUrlWithPAR(config, searchParams)
    }
    await greeted(config, await login(config, { build }))
  },

  // RFC 9449, for a client that nobody told to use it
  async dpop() {
    const config = await discover(secret())
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    const tokens = await login(config, { DPoP })
    assert.equal(tokens.token_type, 'dpop')
    await greeted(config, tokens, { DPoP })
  },

  // FAPI 2.0 Security Profile §5.3: PAR, PKCE, private_key_jwt, DPoP
  async fapi2() {
    const config = await discover(client.PrivateKeyJwt(key), { metadata: { id_token_signed_response_alg: 'ES256' } })
    let nonces = 0
    config[client.customFetch] = async (...request) => {
      const response = await fetch(...request)
      if (response.headers.has('dpop-nonce')) nonces++
      return response
    }
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    const tokens = await login(config, { build: client.buildAuthorizationUrlWithPAR, DPoP })
    assert.equal(tokens.token_type, 'dpop')
    await greeted(config, tokens, { DPoP })
    assert.ok(nonces > 0, 'the provider gave no nonce (RFC 9449 §8)')
    await assert.rejects(person(config, tokens), { status: 401 }, 'a bound token works without a proof (RFC 9449 §7.1)')
  },

  // OpenID Connect Core §11, §12, RFC 6749 §6
  async refresh() {
    const config = await discover(secret())
    const first = await login(config, { parameters: { scope: 'openid email offline_access' } })
    const second = await client.refreshTokenGrant(config, first.refresh_token)
    assert.notEqual(second.access_token, first.access_token)
    assert.equal(second.claims().sub, first.claims().sub)
    assert.equal(second.claims().auth_time, first.claims().auth_time)
    await greeted(config, second)
    const third = await client.refreshTokenGrant(config, second.refresh_token)
    await client.tokenRevocation(config, third.refresh_token) // RFC 7009 §2.1
    await assert.rejects(client.refreshTokenGrant(config, third.refresh_token), { error: 'invalid_grant' })
    await assert.rejects(person(config, third), { status: 401 })
  },

  // RFC 9449 §5: the refresh token of a public client is bound to its key
  async dpop_refresh() {
    const config = await discover(client.None())
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    const first = await login(config, { parameters: { scope: 'openid email offline_access' }, DPoP })
    const another = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    await assert.rejects(client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP: another }), { status: 400 })
    const second = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP })
    assert.equal(second.token_type, 'dpop')
    await greeted(config, second, { DPoP })
  },

  // OpenID Connect Core §3.3; the response is in the fragment
  async hybrid() {
    const config = await discover(secret(), { execute: [client.useCodeIdTokenResponseType] })
    await greeted(config, await login(config))
  },

  async hybrid_form_post() {
    const config = await discover(secret(), { execute: [client.useCodeIdTokenResponseType] })
    await greeted(config, await login(config, { parameters: { response_mode: 'form_post' } }))
  },

  // OpenID Connect Core §3.2, without an access token: what there is to know is in the ID token
  async id_token() {
    const config = await discover(client.None(), { execute: [client.useIdTokenResponseType] })
    const [nonce, state] = [client.randomNonce(), client.randomState()]
    const response = await browse(client.buildAuthorizationUrl(config, {
      redirect_uri: given.redirect_uri, scope: 'openid email', nonce, state, response_mode: 'form_post',
    }))
    const claims = await client.implicitAuthentication(config, response, nonce, { expectedState: state })
    assert.equal(claims.email, given.email)
  },

  // RFC 7662, RFC 7009
  async introspect_and_revoke() {
    const config = await discover(secret())
    const tokens = await login(config)
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true)
    await client.tokenRevocation(config, tokens.access_token)
    assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false)
  },

  // OpenID Connect Core §5.3.2
  async signed_userinfo() {
    const config = await discover(secret(), { metadata: { userinfo_signed_response_alg: 'ES256' } })
    await greeted(config, await login(config))
  },

  // OpenID Connect Core §3.1.2.1: prompt=none, for somebody who is logged in
  async silent() {
    const config = await discover(secret())
    const claims = JSON.stringify({ id_token: { sid: null } })
    const first = await login(config, { parameters: { claims } })
    const second = await login(config, { parameters: { claims, prompt: 'none', id_token_hint: first.id_token } })
    assert.ok(first.claims().sid)
    for (const claim of ['sub', 'sid', 'auth_time']) assert.equal(second.claims()[claim], first.claims()[claim])
    await greeted(config, second)
  },

  // RP-Initiated Logout 1.0 §2, §3
  async logout() {
    const config = await discover(secret())
    const tokens = await login(config)
    const state = client.randomState()
    const end = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token, post_logout_redirect_uri: given.post_logout_redirect_uri, state,
    })
    assert.equal((await browse(end)).href, `${given.post_logout_redirect_uri}?state=${state}`)
    await assert.rejects(login(config, { parameters: { prompt: 'none' } }), { error: 'login_required' })
  },
}

try {
  await scenarios[process.argv[2]]()
} catch (error) {
  console.error(inspect(error, { depth: 1 }))
  process.exitCode = 1
}
process.exit() // stdin is still open
