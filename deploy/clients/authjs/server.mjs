import { ExpressAuth, getSession } from "@auth/express"
import express from "express"

const itsme = {
  id: "itsme", // so that its id, secret and issuer are AUTH_ITSME_… of the environment
  name: "itsme",
  type: "oidc",
  authorization: { params: { scope: process.env.AUTH_ITSME_SCOPE } },
  checks: ["pkce", "state"],
}

const config = {
  providers: [itsme],
  pages: { signIn: "/", error: "/" }, // where a refused login leads
  callbacks: {
    // profile holds the claims of the ID token, and is there at a login alone. Without its sub, a person has another id at each login.
    jwt: ({ token, profile }) => (profile ? { ...token, sub: profile.sub, claims: profile } : token),
    session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub }, claims: token.claims }),
  },
}

const app = express()
app.use("/auth", ExpressAuth(config))
app.get("/", async (request, response) => {
  const session = await getSession(request, config)
  if (session) {
    const text = JSON.stringify({ ...session.claims, id: session.user.id }).replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
    response.send(`<pre id="claims">${text}</pre>` + button("/auth/signout", "logout", "Log out"))
  } else {
    const message = request.query.error ? '<p id="message">You are not logged in.</p>' : ""
    response.send(message + button("/auth/signin/itsme", "login", "Log in with itsme"))
  }
})
const port = process.env.PORT ?? 3000
app.listen(port, "127.0.0.1", () => console.log(`The application is at http://127.0.0.1:${port}/`))

// button posts to Auth.js, with the token that it wants against forged requests.
function button(action, id, label) {
  return `<form method="post" action="${action}"><input type="hidden" name="csrfToken"><button id="${id}" disabled>${label}</button></form>
    <script type="module">
      const [form] = document.forms
      form.csrfToken.value = (await (await fetch("/auth/csrf")).json()).csrfToken
      form.${id}.disabled = false
    </script>`
}
