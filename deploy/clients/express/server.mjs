import express from "express"
import oidc from "express-openid-connect"

const app = express()
app.use(oidc.auth({ // takes ISSUER_BASE_URL, CLIENT_ID, CLIENT_SECRET, BASE_URL and SECRET of the environment
  authorizationParams: { response_type: "code", scope: process.env.ITSME_SCOPE },
  authRequired: false,
  idpLogout: true,
  idTokenSigningAlg: process.env.ITSME_ALG, // the library's own default is RS256
}))
app.get("/", ({ oidc }, response) => {
  response.send(oidc.isAuthenticated() ? `<pre id="claims">${escape(JSON.stringify(oidc.user))}</pre><a id="logout" href="/logout">Log out</a>` : login)
})
app.use((problem, request, response, next) => {
  console.error(`not logged in: ${problem.error} ${problem.error_description}`)
  response.status(problem.status ?? 500).send('<p id="message">You are not logged in.</p>' + login)
})
const port = process.env.PORT ?? 3000
app.listen(port, "127.0.0.1", () => console.log(`The application is at http://127.0.0.1:${port}/`))

const login = '<a id="login" href="/login">Log in with itsme</a>'
const escape = (text) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
