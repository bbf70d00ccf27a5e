// An app that logs a person in at the platform and reads her messages, with npm oauth4webapi and nothing of ours.
// It begins with nothing but an address of the API. What it does goes to stdout, a JSON line each; where it
// would send a person's browser, it says so there, and reads from stdin where she came back.
import { createInterface } from "node:readline"

const settings = JSON.parse(process.argv[2])
const oauth = await import(settings.module)
const { keyOf, signedFetch } = await import(settings.signing)

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const tell = (step, facts) => console.log(JSON.stringify({ step, facts }))
const visit = async (url, decision) => {
  console.log(JSON.stringify({ open: url.href, decision }))
  return new URL((await lines.next()).value)
}

const INSECURE = { [oauth.allowInsecureRequests]: true } // loopback has no certificate
const connection = new URL(settings.api + "/connection")

// 1. From a 401 of the API to the authorization server: RFC 9728 section 5, RFC 8414.

const discover = async () => {
  const challenges = await oauth
    .protectedResourceRequest("none", "GET", connection, undefined, undefined, INSECURE)
    .catch(error => error.cause)
  const { resource_metadata } = challenges.find(one => one.scheme === "dpop").parameters
  const resource = new URL(resource_metadata.replace("/.well-known/oauth-protected-resource", ""))
  const described = await oauth.resourceDiscoveryRequest(resource, INSECURE)
  const { authorization_servers } = await oauth.processResourceDiscoveryResponse(resource, described)
  const issuer = new URL(authorization_servers[0])
  const answer = await oauth.discoveryRequest(issuer, { ...INSECURE, algorithm: "oauth2" })
  const server = await oauth.processDiscoveryResponse(issuer, answer)
  tell("discovery", { challenges, resource: resource.href, issuer: server.issuer })
  return server
}

const server = await discover()
const client = { client_id: settings.partner }
const registered = await keyOf(settings.seed, settings.public)
const who = oauth.PrivateKeyJwt({ key: registered, kid: settings.keyId })
const dpopKey = await oauth.generateKeyPair("ES256")
const signed = signedFetch(registered, settings.keyId)

// Sends something with a proof; again with the server's nonce, where it asks for one.
const proven = async (what, send, key = dpopKey) => {
  const DPoP = oauth.DPoP(client, key) // a new one knows no nonce
  try {
    return await send({ ...INSECURE, DPoP })
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    tell("nonce", { what, status: error.status })
    return await send({ ...INSECURE, DPoP })
  }
}
const refusal = async what => {
  try {
    await what
  } catch (error) {
    const challenged = Array.isArray(error.cause) ? error.cause[0].parameters : error
    return { status: error.status ?? null, error: challenged.error }
  }
  throw new Error("expected a refusal, got none")
}

// 2. PAR with PKCE, RAR and the key's proof; the person decides; her answer is checked for `state` and `iss`.

const push = async () => {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const parameters = {
    redirect_uri: settings.back,
    response_type: "code",
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    authorization_details: JSON.stringify([{ type: "messages", actions: ["read"] }]),
  }
  const pushed = await proven("par", async options =>
    oauth.processPushedAuthorizationResponse(
      server,
      client,
      await oauth.pushedAuthorizationRequest(server, client, who, parameters, options),
    ),
  )
  tell("par", { request_uri: pushed.request_uri.replace(/[^:]{20}$/, "..."), expires_in: pushed.expires_in })
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri })
  return { url, verifier, state }
}
const login = async () => {
  const { url, verifier, state } = await push()
  const callback = await visit(url, "connect")
  tell("callback", { parameters: [...callback.searchParams.keys()], iss: callback.searchParams.get("iss") })
  return { verifier, answer: oauth.validateAuthResponse(server, client, callback, state) }
}
const exchange = ({ verifier, answer }, key = dpopKey) =>
  proven(
    "token",
    async options =>
      oauth.processAuthorizationCodeResponse(
        server,
        client,
        await oauth.authorizationCodeGrantRequest(
          server,
          client,
          who,
          answer,
          settings.back,
          verifier,
          options,
        ),
      ),
    key,
  )
const refresh = (token, key = dpopKey) =>
  proven(
    "refresh",
    async options =>
      oauth.processRefreshTokenResponse(
        server,
        client,
        await oauth.refreshTokenGrantRequest(server, client, who, token, options),
      ),
    key,
  )
const get = (token, url, key = dpopKey) =>
  proven(
    "resource",
    options =>
      oauth.protectedResourceRequest(token, "GET", url, undefined, undefined, {
        ...options,
        [oauth.customFetch]: signed,
      }),
    key,
  )

const first = await exchange(await login())
const [granted] = first.authorization_details
tell("token", { token_type: first.token_type, expires_in: first.expires_in, granted })

// 3. The API: each request is proven with the token's key and signed with the registered one.

const own = await (await get(first.access_token, connection)).json()
tell("connection", { scopes: own.scopes, until_day: own.until_day === granted.until_day })
const messages = new URL(`${settings.api}/conversations/${granted.conversations[0]}/messages`)
const page = await (await get(first.access_token, messages)).json()
tell("messages", { bodies: page.messages.map(one => one.body), receipts: page.receipts.length })

const stranger = await oauth.generateKeyPair("ES256")
tell("another key at the API", await refusal(get(first.access_token, connection, stranger)))

// 4. Refresh, introspection, revocation.

const second = await refresh(first.refresh_token)
tell("refresh", {
  another: second.access_token !== first.access_token,
  same_grant: JSON.stringify(second.authorization_details) === JSON.stringify(first.authorization_details),
  answered: (await get(second.access_token, connection)).status,
})
tell("another key at the refresh", await refusal(refresh(first.refresh_token, stranger)))

const introspect = async token =>
  oauth.processIntrospectionResponse(
    server,
    client,
    await oauth.introspectionRequest(server, client, who, token, INSECURE),
  )
const jkt = await oauth.DPoP(client, dpopKey).calculateThumbprint()
const active = await introspect(second.access_token)
tell("introspection", { active: active.active, bound: active.cnf.jkt === jkt, iss: active.iss })

await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, who, first.refresh_token, INSECURE),
)
tell("revocation", {
  introspection: await introspect(second.access_token),
  resource: await refusal(get(second.access_token, connection)),
  refresh: await refusal(refresh(first.refresh_token)),
})

// 5. A code works once; used again, it takes its tokens along.

const again = await login()
const third = await exchange(again)
tell("replay", {
  before: (await get(third.access_token, connection)).status,
  code: await refusal(exchange(again)),
  resource: await refusal(get(third.access_token, connection)),
})

// 6. She says no.

const { url, state } = await push()
const declined = await visit(url, "decline")
try {
  oauth.validateAuthResponse(server, client, declined, state)
} catch (error) {
  tell("declined", { error: error.error, iss: declined.searchParams.get("iss") })
}
process.exit(0)
