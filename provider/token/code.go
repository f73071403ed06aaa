package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"itsme-bridge/provider/client"
	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/grant"
	"itsme-bridge/provider/oauth"
	"itsme-bridge/storage"
)

// grantOf looks at what a code stands for, or at the marker of a code that was
// spent. Nothing changes.
func (e *Endpoints) grantOf(ctx context.Context, text string) (code storage.Handle, found storage.Record[grant.Grant], err error) {
	code, ok := storage.ParseHandle(text)
	if !ok {
		return code, found, unknownCode()
	}
	err = e.store.Do(ctx, e.grants.Read(code, &found))
	switch {
	case errors.Is(err, storage.ErrUnavailable):
		return code, found, oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
			"The service cannot answer just now. Send the request again, with a new client_assertion or DPoP proof where there is one.").Because(err)
	case err != nil:
		return code, found, fmt.Errorf("provider: look at a code: %w", err)
	case !found.OK && !found.Spent:
		return code, found, unknownCode()
	}
	return code, found, nil
}

// slack is how much longer the marker of a spent code lives than the tokens
// that it gave, which may be written a little after they were signed; and that of
// a revoked token, which another replica's clock may let live a little longer.
const slack = time.Minute

// spend spends a code, and keeps who did: they alone can replay it.
func (e *Endpoints) spend(code storage.Handle, found storage.Record[grant.Grant]) storage.Write {
	g := &found.Value
	keep := e.lifetimes.AccessToken + e.lifetimes.WriteBudget + slack
	if client, ok := e.clients.Find(g.ClientID); ok && client.MayRefresh() {
		keep += e.lifetimes.RefreshToken
	}
	receipt := e.store.Keyring().MAC(receiptPurpose, code.ID(), g.ClientID, g.CodeChallenge, g.DPoPKey)
	return e.grants.Spend(code, found, receipt, keep)
}

const receiptPurpose = "redeemed"

// spentBy reports whether a code was spent by who comes with it now: the same
// client, with the verifier and the key that the code asked for, if it did. All
// others learn and change nothing.
func (e *Endpoints) spentBy(client *client.Client, code storage.Handle, receipt string, r redemption) bool {
	if receipt == "" { // spent by an older version, which kept none
		return true
	}
	challenge := ""
	if r.codeVerifier != "" {
		challenge = challengeOf(r.codeVerifier)
	}
	keyring := e.store.Keyring()
	return keyring.VerifyMAC(receipt, receiptPurpose, code.ID(), client.ID, challenge, "") ||
		r.jkt != "" && keyring.VerifyMAC(receipt, receiptPurpose, code.ID(), client.ID, challenge, r.jkt)
}

// usedBefore refuses a code that has been spent. Where it comes from the same
// client with the same proof, it is in two hands, and nobody knows which of them
// is the thief's: the tokens that it gave are ended, and those that came of them
// (RFC 6749 §4.1.2, RFC 9700 §4.5.1).
func (e *Endpoints) usedBefore(
	ctx context.Context, client *client.Client, code storage.Handle, found storage.Record[grant.Grant], r redemption,
) error {
	if !e.spentBy(client, code, found.Receipt, r) {
		return unknownCode().Of(oauth.CodeReplay)
	}
	if err := e.guard.Ends(ctx, r.call, code.ID()); err != nil {
		return err
	}
	return e.replayed(ctx, code, found)
}

// replayed ends the tokens of a code that was spent, also where whoever brought it
// has hung up.
func (e *Endpoints) replayed(ctx context.Context, code storage.Handle, found storage.Record[grant.Grant]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.lifetimes.WriteBudget)
	defer cancel()
	ended, err := e.store.Commit(ctx, e.grants.Replay(code, found), e.accesses.Drop(code.ID()), e.families.Drop(code.ID()))
	switch {
	case err != nil:
		return oauth.Unavailable(err)
	case !ended: // the marker has died, and before it all that the code gave
		return unknownCode()
	}
	edge.EventOf(ctx).Always()
	edge.EventOf(ctx).Add(slog.Bool("code_replayed", true))
	return badGrant("The code was used before. The tokens that it gave are revoked.").Of(oauth.CodeReplay)
}

// write writes the tokens of a code, which spends it. Of all who have read the
// same code one gets there, and whoever comes later has used it a second time. A
// client that has hung up meanwhile is not told its tokens, so they are not
// written any more: it may have come again already.
func (e *Endpoints) write(ctx context.Context, code storage.Handle, found storage.Record[grant.Grant], writes []storage.Write) error {
	ctx, cancel := context.WithTimeout(ctx, e.lifetimes.WriteBudget)
	defer cancel()
	written, err := e.store.Commit(ctx, writes...)
	switch {
	case err != nil:
		return oauth.Fail(http.StatusServiceUnavailable, oauth.TemporarilyUnavailable,
			"The service cannot answer just now. Send the request again, with a new client_assertion or DPoP proof where there is one. "+
				"If the code is refused then, begin a new login.").Because(err)
	case !written:
		return e.replayed(ctx, code, found)
	}
	e.redeemed(found.Value.ClientID)
	return nil
}

// unknownCode is for what stands for nothing, without telling why.
func unknownCode() *oauth.Error { return badGrant("The code is unknown or has expired.") }
