package edge_test

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"itsme-bridge/provider/edge"
	"itsme-bridge/provider/pages"
)

// Pictures that nobody may ask for any more are kept by nobody, however often looks change.
func TestOutgrownPicturesAreThrownAway(t *testing.T) {
	issuer, err := edge.NewIssuer("https://login.example")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	x, err := edge.New(issuer, slog.New(slog.DiscardHandler), nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		x.Dress(pages.Looks{Operator: pages.Look{Logo: &pages.Image{Name: strconv.Itoa(i)}}})
		now = now.Add(25 * time.Minute)
	}
	if n := edge.Hung(x); n != 4 { // the last, and three that were taken off within an hour
		t.Errorf("%d pictures are kept", n)
	}
}
