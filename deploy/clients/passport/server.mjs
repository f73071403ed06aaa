import express from "express"
import session from "express-session"
import passport from "passport"
import { Strategy } from "passport-openidconnect"

const { PORT = 3000, SESSION_SECRET, ITSME_ISSUER, ITSME_ID, ITSME_SECRET, ITSME_SCOPE, ITSME_REDIRECT_URI } = process.env

passport.use("itsme", new Strategy({
  issuer: ITSME_ISSUER,
  authorizationURL: ITSME_ISSUER + "/authorize",
  tokenURL: ITSME_ISSUER + "/token",
  userInfoURL: ITSME_ISSUER + "/userinfo",
  clientID: ITSME_ID,
  clientSecret: ITSME_SECRET,
  callbackURL: ITSME_REDIRECT_URI,
  scope: ITSME_SCOPE.replace(/^openid /, ""), // it adds openid by itself
  nonce: true, // stands for PKCE, which it cannot do
}, (issuer, profile, context, idToken, done) => {
  done(null, JSON.parse(Buffer.from(idToken.split(".")[1], "base64url"))) // all claims; profile has only id, name and emails
}))
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false }))
app.use(passport.session())
app.get("/", ({ user }, response) => {
  response.send(user ? `<pre id="claims">${escape(JSON.stringify(user))}</pre><form method="post" action="/logout"><button id="logout">Log out</button></form>` : login)
})
app.get("/login", passport.authenticate("itsme"))
app.get("/login/callback", passport.authenticate("itsme", { successRedirect: "/", failureRedirect: "/not-logged-in" })) // not to /login
app.get("/not-logged-in", (request, response) => response.send(notLoggedIn))
app.post("/logout", (request, response, next) => request.logout((problem) => (problem ? next(problem) : response.redirect("/"))))
app.use((problem, request, response, next) => { // every error but access_denied
  console.error(`not logged in: ${problem.code ?? ""} ${problem.message}`)
  response.status(500).send(notLoggedIn)
})
app.listen(PORT, "127.0.0.1", () => console.log(`The application is at http://127.0.0.1:${PORT}/`))

const login = '<a id="login" href="/login">Log in with itsme</a>'
const notLoggedIn = '<p id="message">You are not logged in.</p>' + login
const escape = (text) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
