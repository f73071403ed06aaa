package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"itsme-bridge/cmd/internal/app"
	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/keys"
)

func (p *process) rotateKeysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "rotate --config FILE [--alg ALG] [--json]",
		Short: "publish the next signing key now",
		Long: "Publish the next signing key now. Exit code 4: it is published already.\n\n" + keyListShape + ";\n" +
			"rotations (each alg, result: rotated, first or unchanged, kid, signs); followed_within_seconds.",
		Example: examples("itsme-bridge keys rotate --config config.yaml", "itsme-bridge keys rotate --config config.yaml --alg ES256"),
		Args:    takes(),
	}
	at := p.configFlag(c)
	wanted := c.Flags().String("alg", "", "the algorithm `ALG`, RS256, PS256, ES256 or EdDSA; those that clients use without it")
	_ = c.RegisterFlagCompletionFunc("alg", cobra.FixedCompletions(algorithms(), cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	p.jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return p.rotateKeys(c.Context(), at, *wanted) }
	return c
}

// algorithms are those that keys can be for.
func algorithms() []string {
	names := make([]string, 0)
	for _, algorithm := range keys.Algorithms() {
		names = append(names, string(algorithm))
	}
	return names
}

func (p *process) rotateKeys(ctx context.Context, at *file, wanted string) error {
	settings, _, err := at.load()
	if err != nil {
		return err
	}
	algorithms := settings.Clients.Algorithms()
	if wanted != "" {
		if !slices.Contains(keys.Algorithms(), keys.Algorithm(wanted)) {
			return misuseError{fmt.Sprintf("--alg %s: write one of %v", wanted, keys.Algorithms())}
		}
		algorithms = []keys.Algorithm{keys.Algorithm(wanted)}
	}
	before, after, err := p.withKeys(ctx, settings, func(ctx context.Context, k *app.SigningKeys) error { return k.Rotate(ctx, algorithms...) })
	if err != nil {
		return err
	}
	rotations := rotationsOf(algorithms, before, after)
	rotated := slices.ContainsFunc(rotations, func(r rotation) bool { return r.Result != unrotated })
	p.say(struct {
		keyList

		Rotations []rotation `json:"rotations"`
		Within    float64    `json:"followed_within_seconds"`
	}{listOf(after), rotations, config.RefreshKeysEvery.Seconds()}, func(w io.Writer) {
		show(w, after)
		for _, r := range rotations {
			fmt.Fprintln(w, r)
		}
		if rotated {
			fmt.Fprintf(w, "every running bridge publishes what is new within %s\n", config.RefreshKeysEvery)
		}
	})
	if !rotated {
		return errUnchanged
	}
	return nil
}

// rotation is what has become of one algorithm.
type rotation struct {
	Algorithm keys.Algorithm `json:"alg"`
	Result    string         `json:"result"`
	KID       string         `json:"kid"` // the next key, or the first
	Signs     time.Time      `json:"signs,omitzero"`
}

// The results of a rotation.
const (
	rotated   = "rotated"
	firstKey  = "first"     // it is published, and signs at once
	unrotated = "unchanged" // the next key was published before
)

func (r rotation) String() string {
	switch r.Result {
	case firstKey:
		return fmt.Sprintf("%s: %s is its first key; it is published, and signs at once", r.Algorithm, r.KID)
	case rotated:
		return fmt.Sprintf("%s: rotated; %s is published, and signs from %s UTC on", r.Algorithm, r.KID, moment(r.Signs))
	default:
		return fmt.Sprintf("%s: nothing has changed; %s is published already, and signs from %s UTC on", r.Algorithm, r.KID, moment(r.Signs))
	}
}

// rotationsOf says of each algorithm what has happened. Where a key was on its way
// already nothing has.
func rotationsOf(algorithms []keys.Algorithm, before, after []keys.Info) []rotation {
	changes := app.KeyChanges(before, after)
	found := make([]rotation, 0)
	for _, algorithm := range algorithms {
		of := func(state keys.State) func(keys.Info) bool {
			return func(k keys.Info) bool { return k.Algorithm == algorithm && k.State == state }
		}
		is := func(state keys.State) func(app.KeyChange) bool {
			return func(c app.KeyChange) bool { return of(state)(c.Info) }
		}
		i := slices.IndexFunc(after, of(keys.Next))
		first := slices.IndexFunc(changes, is(keys.Current))
		switch {
		case i < 0 && first >= 0:
			found = append(found, rotation{algorithm, firstKey, changes[first].ID, changes[first].Signs.UTC()})
		case i < 0: // somebody has revoked it meanwhile
		case slices.ContainsFunc(changes, is(keys.Next)):
			found = append(found, rotation{algorithm, rotated, after[i].ID, after[i].Signs.UTC()})
		default:
			found = append(found, rotation{algorithm, unrotated, after[i].ID, after[i].Signs.UTC()})
		}
	}
	return found
}
