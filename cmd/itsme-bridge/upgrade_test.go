package main_test

import (
	"os"
	"testing"
)

// TestUpgrade lets two versions work on the same logins, since while a deployment
// is upgraded, or rolled back, they do: what one has written into Redis, a cookie,
// a form or a URL, the other must read. Each row does a step at the version before
// the change and the next at the version after it, in both directions.
//
// The previous version is the commit in testdata/upgrade-from. To see which row
// guards a name (a bucket's, a label's, a tag's), change the name and see it fail.
func TestUpgrade(t *testing.T) {
	old := previous(t)
	current, err := os.Executable() // is the command, too: see TestMain
	if err != nil {
		t.Fatal(err)
	}
	t.Run("side by side", func(t *testing.T) {
		t.Parallel()
		shared := newGround(t).newPair(t, old, current).running()
		for _, row := range sideBySide() {
			t.Run(row.name, func(t *testing.T) {
				t.Run("upgrade", func(t *testing.T) { row.run(shared.in(t, false)) })
				t.Run("rollback", func(t *testing.T) { row.run(shared.in(t, true)) })
			})
		}
	})
	for _, row := range apart() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			t.Run("upgrade", func(t *testing.T) { t.Parallel(); row.run(newGround(t).newPair(t, old, current, row.changes...)) })
			t.Run("rollback", func(t *testing.T) { t.Parallel(); row.run(newGround(t).newPair(t, current, old, row.changes...)) })
		})
	}
}

// stage is a row of TestUpgrade.
type stage struct {
	name    string
	run     func(*pair)
	changes []string // of the configuration: what stands there, and what shall
}

// sideBySide are the rows in which two processes run all the time. They share them.
func sideBySide() []stage {
	return []stage{
		{name: "a login, its tokens and their end", run: wholeLogin},
		{name: "what is settled when a login begins", run: settledTerms},
		{name: "claims that are asked for by name", run: claimsByName},
		{name: "the one person who will do", run: strangerRefused},
		{name: "a code that is used twice", run: codeReplayed},
		{name: "form_post, and an ID token in the response", run: responseWithIDToken},
		{name: "an ID token alone", run: responseOfIDTokenAlone},
		{name: "a code that is bound to a key", run: boundCode},
		{name: "DPoP: nonce, proof, tokens", run: boundTokens},
		{name: "a client assertion that is used twice", run: assertionReplayed},
		{name: "refresh tokens: grace, reuse", run: refreshTokens},
		{name: "refresh tokens: revocation", run: familyRevoked},

		{name: "the page that asks first", run: continuePage},
		{name: "a form that comes from another site", run: resubmitPage},
		{name: "pages of an attempt that has failed", run: failedPages},
		{name: "try again", run: tryAgain},
		{name: "back to the application", run: leave},
		{name: "back to an application that begins again", run: leaveExpired},
		{name: "back to the application while CM is silent", run: leaveSilent},
		{name: "an application that hears of failures at once", run: failureToldTwice},
		{name: "reload of a finished login", run: reload},
		{name: "another browser", run: otherBrowser},
		{name: "waiting: one asks CM, one is shown the page", run: waiting},

		{name: "pushed: led back, and used up", run: pushedRequest},
		{name: "pushed: how many transactions", run: pushedStarts},
		{name: "pushed and signed, after a click", run: pushedAndSigned},

		{name: "a session: the same person again", run: sessionAnswers},
		{name: "a session: logout", run: sessionEnds},
		{name: "a session: logout, confirmed", run: logoutConfirmed},
		{name: "a session: logout in which language", run: logoutPage},
		{name: "a session: a login that was logged out does not come back", run: loggedOutForGood},

		{name: "discovery", run: discovery},
	}
}

// apart are the rows that have processes of their own.
func apart() []stage {
	const itsme, limits = "return_url: path", "per_address: 0, per_client: 0, total: 0"
	return []stage{
		{name: "a return URL with the proof in its query", run: returns, changes: []string{itsme, "return_url: query"}},
		{name: "one return URL for all", run: returns, changes: []string{itsme, "insecure_fixed_return_url: true"}},
		{name: "the issuer has a path, and TLS before it", run: behindTLS, changes: []string{"issuer: ISSUER", "issuer: https://localhost/tenant"}},
		{name: "ceilings count together", run: ceilings, changes: []string{limits, "per_address: 2, per_client: 4, total: 6"}},
		{name: "itsme-bridge revoke", run: revoked},
		{name: "itsme-bridge keys", run: keysChanged},
		{name: "notices of a logout", run: notices},
		{name: "who may join", run: joining},
	}
}
