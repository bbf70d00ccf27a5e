// The same with npm openid-client, which retries nonces by itself. See oauth4webapi.mjs for how it talks.
import { createInterface } from "node:readline"

const settings = JSON.parse(process.argv[2])
const openid = await import(settings.module)
const { keyOf, signedFetch } = await import(settings.signing)

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const tell = (step, facts) => console.log(JSON.stringify({ step, facts }))
const refusal = what =>
  what.then(
    () => null,
    error => error.error ?? error.cause[0].parameters.error,
  )

const registered = await keyOf(settings.seed, settings.public)
const config = await openid.discovery(
  new URL(settings.origin),
  settings.partner,
  undefined,
  openid.PrivateKeyJwt({ key: registered, kid: settings.keyId }),
  { algorithm: "oauth2", execute: [openid.allowInsecureRequests] },
)
const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"))
const pkceCodeVerifier = openid.randomPKCECodeVerifier()
const expectedState = openid.randomState()

const url = await openid.buildAuthorizationUrlWithPAR(
  config,
  {
    redirect_uri: settings.back,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    authorization_details: JSON.stringify([{ type: "messages", actions: ["read"] }]),
  },
  { DPoP },
)
tell("par", { parameters: [...url.searchParams.keys()] })
console.log(JSON.stringify({ open: url.href, decision: "connect" }))
const callback = new URL((await lines.next()).value)

const token = await openid.authorizationCodeGrant(
  config,
  callback,
  { pkceCodeVerifier, expectedState },
  undefined,
  { DPoP },
)
const [granted] = token.authorization_details
tell("token", { token_type: token.token_type, granted })

const plain = config[openid.customFetch]
config[openid.customFetch] = signedFetch(registered, settings.keyId)
const messages = new URL(`${settings.api}/conversations/${granted.conversations[0]}/messages`)
const answer = await openid.fetchProtectedResource(
  config,
  token.access_token,
  messages,
  "GET",
  undefined,
  undefined,
  { DPoP },
)
const page = await answer.json()
tell("messages", { bodies: page.messages.map(one => one.body), receipts: page.receipts.length })
config[openid.customFetch] = plain

const next = await openid.refreshTokenGrant(config, token.refresh_token, undefined, { DPoP })
const introspected = await openid.tokenIntrospection(config, next.access_token)
tell("refresh", { another: next.access_token !== token.access_token, active: introspected.active })

await openid.tokenRevocation(config, token.refresh_token)
tell("revocation", {
  introspection: await openid.tokenIntrospection(config, next.access_token),
  refresh: await refusal(openid.refreshTokenGrant(config, token.refresh_token, undefined, { DPoP })),
})
process.exit(0)
